package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.EnumWord;
import java.util.Locale;

/**
 * Chooses between run-to-completion, pipelining and splitting by measurements: the mode {@code auto}.
 *
 * <p>Run-to-completion is right while no worker is busy, for its latency, and while all are busy, since there is no
 * idle worker to use. When one worker is busy and others are not, the chooser computes the best gain of pipelining from
 * the stage costs. It tries a schedule that gains enough, and keeps it if throughput did not fall. A choice stays for
 * some evaluations; one that failed is not tried again for a while. Belongs to one thread.
 */
public final class ScheduleChooser {
    /**
     * The cost of a hand-off for a packet that each of its two workers is charged, in nanoseconds. It is a conservative
     * estimate: the ring alone costs 7 in batches of 32 (ADR 10), and the packet's cache lines move between the cores
     * as well, so stages of 15 to 30 ns are better left together.
     */
    private static final double HANDOFF_NANOS = 25;

    private static final double WORTH_TRYING = 1.15;
    private static final double WORTH_KEEPING = 0.98;
    private static final int CONFIRMATIONS = 3;
    private static final int SETTLING = 3;
    private static final int CALM_EVALUATIONS = 10;
    private static final int HOLD_OFF = 60;

    private final int loadThreshold;
    private Choice choice = Choice.RUN_TO_COMPLETION;
    private String reason = "nothing has been measured yet";
    private Choice wanted = Choice.RUN_TO_COMPLETION;
    private int wantedFor;
    private int chosenFor;
    private int calmFor;
    private int holdOff;
    private double rateBefore;

    /** The schedules to choose from. */
    public enum Choice {
        RUN_TO_COMPLETION,
        PIPELINED,
        SPLIT
    }

    /**
     * The measurements since the last evaluation.
     *
     * @param mostLoad percent of the worker with the most
     * @param meanLoad percent, the mean of all workers
     * @param packetsPerSecond that came in
     * @param receiveNanos the cost of receiving a packet, including all time that is not accounted elsewhere
     * @param coalesceNanos the cost of coalescing
     * @param deviceNanos the cost of each further device for such a packet, delivery included
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Measured(
            int workers,
            int mostLoad,
            int meanLoad,
            double packetsPerSecond,
            double receiveNanos,
            double coalesceNanos,
            double[] deviceNanos) {}

    /**
     * A chooser that begins with run-to-completion; {@code loadThreshold} is the percent from which a worker is busy.
     */
    public ScheduleChooser(int loadThreshold) {
        this.loadThreshold = loadThreshold;
    }

    /** The choice now. */
    public Choice choice() {
        return choice;
    }

    /** Why, in words. */
    public String reason() {
        return reason;
    }

    /** Adds measurements, and chooses. Called at equal intervals of about a second. */
    public Choice evaluate(Measured measured) {
        chosenFor++;
        holdOff = Math.max(0, holdOff - 1);
        if (choice == Choice.RUN_TO_COMPLETION) {
            considerMore(measured);
        } else {
            considerGoingBack(measured);
        }
        return choice;
    }

    private void considerMore(Measured m) {
        Choice better = better(m);
        wantedFor = better == wanted ? wantedFor + 1 : 1;
        wanted = better;
        if (better != Choice.RUN_TO_COMPLETION && wantedFor >= CONFIRMATIONS) {
            rateBefore = m.packetsPerSecond();
            choose(better);
        }
    }

    private Choice better(Measured m) {
        if (m.workers() < 2) {
            reason = "there is one worker";
        } else if (m.mostLoad() < loadThreshold) {
            reason = String.format(Locale.ROOT, "no worker is busy: %d%% at most", m.mostLoad());
        } else if (m.meanLoad() >= loadThreshold) {
            reason = String.format(Locale.ROOT, "all workers are busy: %d%% on average", m.meanLoad());
        } else if (holdOff > 0) {
            reason = String.format(
                    Locale.ROOT, "another schedule was tried and was slower; not again for %d evaluations", holdOff);
        } else {
            return byCosts(m);
        }
        return Choice.RUN_TO_COMPLETION;
    }

    private Choice byCosts(Measured m) {
        double pipelined = gain(m, m.receiveNanos() + m.coalesceNanos());
        double split = gain(m, Math.max(m.receiveNanos(), m.coalesceNanos()));
        reason = String.format(
                Locale.ROOT,
                "one worker is busy (%d%%), the mean is %d%%; by their costs (receive %.0f ns, coalesce %.0f, then %s)"
                        + " pipelining can give %.2f times, split %.2f times",
                m.mostLoad(),
                m.meanLoad(),
                m.receiveNanos(),
                m.coalesceNanos(),
                nanos(m.deviceNanos()),
                pipelined,
                split);
        if (Math.max(pipelined, split) < WORTH_TRYING) {
            return Choice.RUN_TO_COMPLETION;
        }
        return split > pipelined * WORTH_TRYING ? Choice.SPLIT : Choice.PIPELINED;
    }

    /** The best throughput that the busiest worker would allow, relative to one worker that does all the work. */
    private static double gain(Measured m, double first) {
        double serial = m.receiveNanos() + m.coalesceNanos();
        double most = first + HANDOFF_NANOS;
        for (double nanos : m.deviceNanos()) {
            serial += nanos;
            most = Math.max(most, nanos + HANDOFF_NANOS);
        }
        double even = (serial + m.deviceNanos().length * HANDOFF_NANOS) / m.workers();
        return serial / Math.max(most, even);
    }

    private void considerGoingBack(Measured m) {
        calmFor = m.mostLoad() < loadThreshold / 2 ? calmFor + 1 : 0;
        if (calmFor >= CALM_EVALUATIONS) {
            choose(Choice.RUN_TO_COMPLETION);
            reason = String.format(Locale.ROOT, "no worker was busy for %d evaluations", CALM_EVALUATIONS);
        } else if (chosenFor == SETTLING && isStrained(m) && m.packetsPerSecond() < WORTH_KEEPING * rateBefore) {
            holdOff = HOLD_OFF;
            Choice failed = choice;
            choose(Choice.RUN_TO_COMPLETION);
            reason = String.format(
                    Locale.ROOT,
                    "%s was tried and gave %.0f packets/s in place of %.0f",
                    EnumWord.of(failed),
                    m.packetsPerSecond(),
                    rateBefore);
        }
    }

    /** Whether the schedule is the cause of a lower rate, not a lower input. */
    private boolean isStrained(Measured m) {
        return m.mostLoad() >= loadThreshold;
    }

    private void choose(Choice next) {
        choice = next;
        chosenFor = 0;
        calmFor = 0;
        wanted = next;
        wantedFor = 0;
    }

    private static String nanos(double[] devices) {
        StringBuilder text = new StringBuilder();
        for (double device : devices) {
            text.append(text.isEmpty() ? "" : ", ").append(Math.round(device));
        }
        return text.toString();
    }
}
