package dev.peregrine.gateway.live;

/** Figures that were measured on the way: printed, never asserted. */
final class Figures {
    private Figures() {}

    static void print(String line) {
        System.out.println("[live] " + line);
    }
}
