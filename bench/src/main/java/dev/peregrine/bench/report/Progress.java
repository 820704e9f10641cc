package dev.peregrine.bench.report;

import java.io.PrintWriter;

/** Tells a person what goes on and how long it will take yet. */
public final class Progress {
    private final PrintWriter out;
    private final int measurements;
    /** Of the parts that are over and of those that are not: what the plan says that they take. */
    private double expectedSoFar;

    private double expectedLeft;
    private final long start = System.nanoTime();
    private int done;

    /**
     * Nothing is done yet.
     *
     * @param measurements how many there will be
     * @param expectedSeconds what everything takes according to the plan
     */
    public Progress(PrintWriter out, int measurements, double expectedSeconds) {
        this.out = out;
        this.measurements = measurements;
        this.expectedLeft = expectedSeconds;
    }

    /** Tells something else. */
    public void say(String text) {
        out.println(text);
    }

    /** Something has ended that the plan says takes so long. */
    public void passed(double seconds) {
        expectedSoFar += seconds;
        expectedLeft -= seconds;
    }

    /** A measurement will not be made that the plan says takes so long. */
    public void skipped(double seconds) {
        expectedLeft -= seconds;
        done++;
    }

    /** A measurement has ended that the plan says takes so long. */
    public void measured(String what, String outcome, double seconds) {
        passed(seconds);
        done++;
        out.printf("[%3d/%d] %-58s %14s   %s left%n", done, measurements, what, outcome, duration(secondsLeft()));
    }

    /** The rest takes as much longer than planned as the part that is over did. */
    private double secondsLeft() {
        double elapsed = (System.nanoTime() - start) / 1e9;
        return Math.max(0, expectedLeft) * elapsed / expectedSoFar;
    }

    /** As in "3 min 20 s". */
    public static String duration(double seconds) {
        long whole = Math.round(seconds);
        return whole < 60 ? whole + " s" : whole / 60 + " min " + whole % 60 + " s";
    }
}
