package dev.peregrine.gateway.live.traffic;

/** Figures that were measured on the way: printed, never asserted. */
public final class Figures {
    private Figures() {}

    public static void print(String line) {
        System.out.println("[live] " + line);
    }
}
