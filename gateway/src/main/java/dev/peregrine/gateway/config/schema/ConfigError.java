package dev.peregrine.gateway.config.schema;

/**
 * One thing that is wrong with a configuration file.
 *
 * @param line counted from 1; 0: the file as a whole
 * @param key path of the key, such as {@code vnis[0].ports[1].mac}; empty: the file as a whole
 */
public record ConfigError(String file, int line, String key, String found, String expected) {

    /** {@code FILE:LINE: KEY: found …; expected …}. */
    @Override
    public String toString() {
        String where = line == 0 ? file : file + ":" + line;
        String what = key.isEmpty() ? "" : key + ": ";
        return where + ": " + what + "found " + found + "; expected " + expected;
    }
}
