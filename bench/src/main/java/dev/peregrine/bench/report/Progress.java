package dev.peregrine.bench.report;

import java.io.PrintWriter;

/** Shows the user the progress and the time left. */
public final class Progress {
    private final PrintWriter out;
    private final int measurements;
    /** The planned seconds of the parts that have ended, and of those that have not. */
    private double expectedSoFar;

    private double expectedLeft;
    private final long start = System.nanoTime();
    private int done;

    /**
     * Progress of a run that has not begun.
     *
     * @param measurements the number of measurements
     * @param expectedSeconds what everything takes according to the plan
     */
    public Progress(PrintWriter out, int measurements, double expectedSeconds) {
        this.out = out;
        this.measurements = measurements;
        this.expectedLeft = expectedSeconds;
    }

    /** Shows another message. */
    public void say(String text) {
        out.println(text);
    }

    /** A part with this planned time has ended. */
    public void passed(double seconds) {
        expectedSoFar += seconds;
        expectedLeft -= seconds;
    }

    /** Measurements with this planned time will not be made. */
    public void skipped(int count, double seconds) {
        expectedLeft -= seconds;
        done += count;
    }

    /** A measurement with this planned time has ended. */
    public void measured(String what, String outcome, double seconds) {
        passed(seconds);
        done++;
        out.printf("[%3d/%d] %-58s %14s   %s left%n", done, measurements, what, outcome, duration(secondsLeft()));
    }

    /** The rest exceeds its plan by the same factor as the part that has ended. */
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
