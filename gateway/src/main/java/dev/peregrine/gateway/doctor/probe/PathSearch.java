package dev.peregrine.gateway.doctor.probe;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * A search for the largest packet that one host answers. Each round sends some sizes, and a small packet behind them:
 * only where that is answered, and they are not, have they been lost, since on a busy machine answers are late. The
 * size that bounds the result must be lost in {@value #CONFIRMATIONS} further rounds; any answer counts, however late
 * it comes.
 */
final class PathSearch implements AutoCloseable {
    /**
     * Rounds without any answer after which the host counts as silent, half a second each: the kernel asks for a
     * neighbour three times, a second apart.
     */
    private static final int SILENT_ROUNDS = 7;

    private static final int CONFIRMATIONS = 3;

    /** Sizes between two known ones: 65,535 takes four rounds. */
    private static final int SIZES = 16;

    private static final int SMALL = 100;

    /** For how long answers may be behind that to the small packet, which was sent last. */
    private static final int STRAGGLE_MILLIS = 50;

    /** As long where the result depends on it. */
    private static final int LAST_STRAGGLE_MILLIS = 300;

    /** For answers that came while another host was waited for until the end of the round. */
    private static final int LATE_MILLIS = 10;

    /** Echo requests to one host, and its answers. */
    interface Line extends AutoCloseable {
        /** Sends a request whose IP packet has {@code bytes}, if it can. */
        void send(int bytes, int sequence);

        /** The number of a request that was answered; -1 when there was none for some milliseconds. */
        int receive(int milliseconds);

        @Override
        void close();
    }

    private final Line line;
    private final int asked;
    private final LongSupplier clock;
    private final Map<Integer, Integer> sizes = new HashMap<>();

    private final TreeSet<Integer> lost = new TreeSet<>();

    private int answered;
    private int sequence;
    private int rounds;

    /** The first request of this round, and the last one. */
    private int first;

    private int control;
    private boolean isControlAnswered;

    /** Whether this round sends only the least size that is not answered. */
    private boolean isConfirming;

    /** Rounds in which that was lost, since anything larger than before was answered. */
    private int confirmations;

    /** Searches up to {@code asked} bytes. */
    PathSearch(Line line, int asked, LongSupplier clock) {
        this.line = line;
        this.asked = asked;
        this.clock = clock;
    }

    /** Begins a round. */
    void send() {
        rounds++;
        first = sequence;
        isConfirming = answered > 0 && bound() == answered + 1;
        if (answered == 0) {
            send(asked);
        } else {
            sendBetween(answered, bound());
        }
        control = sequence;
        isControlAnswered = false;
        send(Math.min(SMALL, asked));
    }

    private void sendBetween(int known, int bound) {
        int gap = bound - known;
        int before = known;
        for (int i = 1; i <= SIZES; i++) {
            int size = known + gap * i / (SIZES + 1);
            if (size > before) send(size);
            before = size;
        }
        if (gap == 1 || bound > asked) send(Math.min(bound, asked));
    }

    /**
     * One that is refused is as good as lost: some devices say so where others drop in silence, and a queue may be
     * full.
     */
    private void send(int bytes) {
        int number = sequence++;
        sizes.put(number, bytes);
        line.send(bytes, number);
    }

    /**
     * Ends a round: takes answers until {@code end}, or for a moment after that to the small packet. Where it is too
     * late for that, it takes those that have come.
     */
    void take(long end) {
        long begin = clock.getAsLong();
        long stop = begin < end ? end : begin + LATE_MILLIS * 1_000_000L;
        int before = answered;
        int straggleMillis = isConfirming ? LAST_STRAGGLE_MILLIS : STRAGGLE_MILLIS;
        for (long now = clock.getAsLong(); now < stop && answered < asked; now = clock.getAsLong()) {
            int number = line.receive((int) Math.max(1, (stop - now) / 1_000_000));
            if (number < 0) continue;
            answered = Math.max(answered, sizes.getOrDefault(number, 0));
            if (number == control && !isControlAnswered) {
                isControlAnswered = true;
                stop = Math.min(stop, clock.getAsLong() + straggleMillis * 1_000_000L);
            }
        }
        if (answered > before) confirmations = 0;
        else if (isControlAnswered && isConfirming) confirmations++;
        if (isControlAnswered) noteLosses();
    }

    private void noteLosses() {
        for (int number = first; number < control; number++) {
            int size = sizes.getOrDefault(number, 0);
            if (size > answered) lost.add(size);
        }
    }

    /** The least size above those answered that was lost. */
    private int bound() {
        Integer least = lost.higher(answered);
        return least == null ? asked + 1 : least;
    }

    private boolean isBounded() {
        return bound() == answered + 1 && confirmations >= CONFIRMATIONS;
    }

    private boolean isSilent() {
        return answered == 0 && rounds >= SILENT_ROUNDS;
    }

    boolean isDone() {
        return answered == asked || isSilent() || (answered > 0 && isBounded());
    }

    PathProbe.Path result() {
        return new PathProbe.Path(answered, asked, answered == asked || isBounded());
    }

    @Override
    public void close() {
        line.close();
    }
}
