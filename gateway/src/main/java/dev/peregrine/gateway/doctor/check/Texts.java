package dev.peregrine.gateway.doctor.check;

import java.util.Collection;
import java.util.List;

/** Lists in one line. */
public final class Texts {
    private static final int MOST = 3;

    private Texts() {}

    /** The first few texts, with commas, and how many more there are. */
    public static String few(Collection<String> texts) {
        List<String> shown = texts.stream().limit(MOST).toList();
        int more = texts.size() - shown.size();
        return String.join(", ", shown) + (more == 0 ? "" : " and " + more + " more");
    }

    /** As in {@code 1 port} and {@code 2 ports}. */
    public static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** As in {@code 4096 KiB}. */
    public static String kib(long bytes) {
        return (bytes >> 10) + " KiB";
    }
}
