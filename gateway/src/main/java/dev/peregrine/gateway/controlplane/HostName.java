package dev.peregrine.gateway.controlplane;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The name of this host, as {@code uname -n} has it: no name server is asked. */
public final class HostName {
    private static final Path FILE = Path.of("/proc/sys/kernel/hostname");

    private HostName() {}

    /** Reads it; empty if it cannot be read. */
    public static String read() {
        try {
            return Files.readString(FILE).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
