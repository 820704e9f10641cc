package dev.peregrine.gateway.observe;

import java.util.List;

/** The lines that follow the answer to {@code trace} and {@code capture}. */
final class Lines {
    private Lines() {}

    /**
     * The limits that are in force: the result in the answer.
     *
     * @param count packets at most
     * @param seconds at most
     */
    record Limits(long count, int seconds) {}

    /** Packets in words. */
    record Packets(List<?> packets) {}

    /** The next part of a pcapng file, in base64, and how many frames are in it. */
    record Bytes(long frames, String pcapng) {}

    /** A sign of life: how many packets were missed so far. */
    record Missed(long missed) {}

    /**
     * The end.
     *
     * @param end why: {@code count}, {@code time} or {@code stopped}
     * @param count packets that were sent
     * @param missed packets that were not
     */
    record End(String end, long count, long missed) {}
}
