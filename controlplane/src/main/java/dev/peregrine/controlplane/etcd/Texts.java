package dev.peregrine.controlplane.etcd;

/** What others wrote, made fit for a line of a log. */
final class Texts {
    private Texts() {}

    /** The text without control characters, and at most so long. */
    static String line(String text, int most) {
        String cut = text.length() > most ? text.substring(0, most) + "…" : text;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
