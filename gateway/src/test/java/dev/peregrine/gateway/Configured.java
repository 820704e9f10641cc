package dev.peregrine.gateway;

import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.WorkersConfig;
import dev.peregrine.gateway.config.schema.BadConfig;

/** Sections of the configuration as a file would have them, with defaults for the keys that a test leaves out. */
public final class Configured {
    private Configured() {}

    /** {@code workers} with some keys, such as {@code idle: block}. */
    public static WorkersConfig workers(String keys) {
        try {
            return ConfigFile.parse("test", "underlay: {local: 127.0.0.1}\nworkers: {" + keys + "}")
                    .config()
                    .workers();
        } catch (BadConfig bad) {
            throw new IllegalArgumentException(bad);
        }
    }
}
