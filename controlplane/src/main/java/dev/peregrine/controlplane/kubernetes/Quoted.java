package dev.peregrine.controlplane.kubernetes;

/** Text of others, short and harmless enough for a line of the log. */
final class Quoted {
    private static final int LINE = 240;
    private static final int VALUE = 64;

    private Quoted() {}

    /** A message as one line. */
    static String line(String text) {
        return cut(text, LINE);
    }

    /** A value between quotes. */
    static String value(String text) {
        return '"' + cut(text, VALUE) + '"';
    }

    private static String cut(String text, int length) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), length));
        for (int i = 0; i < text.length() && line.length() < length; i++) {
            char one = text.charAt(i);
            line.append(Character.isISOControl(one) || Character.getType(one) == Character.FORMAT ? ' ' : one);
        }
        return text.length() > length ? line.append("…").toString() : line.toString();
    }
}
