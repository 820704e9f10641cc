package dev.peregrine.gateway.fuzz;

import java.util.function.Consumer;

/** Where Jazzer enters: the system property {@code peregrine.fuzz} names the {@link Target}. */
public final class Fuzz {
    private static final Consumer<byte[]> RUN = Target.valueOf(
                    System.getProperty("peregrine.fuzz", "frame").toUpperCase(java.util.Locale.ROOT))
            .open();

    private Fuzz() {}

    /** One execution. */
    public static void fuzzerTestOneInput(byte[] input) {
        RUN.accept(input);
    }
}
