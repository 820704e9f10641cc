package dev.peregrine.load.gen;

/**
 * The flows in being, a fixed number at any time: each has an identity, from which its inner source follows, and the
 * next sequence number. Churn gives a flow a new identity. One thread.
 */
final class Flows {
    private static final int ID_BITS = 24;

    private final int run;
    private final int[] identities;
    private final long[] sequences;
    private int next;

    /**
     * Flows 0 to {@code count - 1} with the identities of the same numbers.
     *
     * @param run the upper 8 bits of every {@link #id}
     */
    Flows(int count, int run) {
        this.run = run;
        identities = new int[count];
        sequences = new long[count];
        for (int i = 0; i < count; i++) identities[i] = i;
        next = count;
    }

    int count() {
        return identities.length;
    }

    /** The source of each flow now: 0, 1, … in order of appearance, modulo 2^24. */
    int identity(int flow) {
        return identities[flow];
    }

    /** The fields of the stamp. */
    int id(int flow) {
        return (run << ID_BITS) | identities[flow];
    }

    /** The sequence number of the flow's next datagram. */
    long sequence(int flow) {
        return sequences[flow];
    }

    /** The datagram with {@link #sequence} is made. */
    void advance(int flow) {
        sequences[flow]++;
    }

    /** Replaces a flow by a new one, which begins with sequence number 0. */
    void replace(int flow) {
        identities[flow] = next;
        sequences[flow] = 0;
        next = (next + 1) & ((1 << ID_BITS) - 1);
    }
}
