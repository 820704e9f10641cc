package dev.peregrine.gateway.live;

/** What was measured on the way: printed, never asserted. */
final class Figures {
    private Figures() {}

    static void print(String line) {
        System.out.println("[live] " + line);
    }
}
