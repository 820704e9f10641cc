package dev.peregrine.controlplane.http;

/** Texts of others, made fit for a line of a log. */
public final class Texts {
    private static final int VALUE = 64;

    private Texts() {}

    /** The text without characters that control a terminal, and at most so long. */
    public static String line(String text, int most) {
        String cut = text.length() > most ? text.substring(0, most) + "…" : text;
        return cut.replaceAll("[\\p{Cc}\\p{Cf}]", "?");
    }

    /** A value between quotes, at most 64 characters of it. */
    public static String quoted(String text) {
        return '"' + line(text, VALUE) + '"';
    }
}
