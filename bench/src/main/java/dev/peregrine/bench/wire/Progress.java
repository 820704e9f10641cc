package dev.peregrine.bench.wire;

import java.io.PrintStream;

/** Tells a person what goes on and how long it will take yet. */
final class Progress {
    private final PrintStream out;
    private final int measurements;
    private final double expectedSeconds;
    private final long start = System.nanoTime();
    private double expectedSoFar;
    private int done;

    Progress(PrintStream out, int measurements, double expectedSeconds) {
        this.out = out;
        this.measurements = measurements;
        this.expectedSeconds = expectedSeconds;
    }

    void say(String text) {
        out.println(text);
    }

    /** A measurement has ended. */
    void measured(String what, String outcome, double expected) {
        done++;
        expectedSoFar += expected;
        out.printf("[%3d/%d] %-72s %12s   %s left%n", done, measurements, what, outcome, duration(secondsLeft()));
    }

    /** The remaining plan, stretched as the part that is over was. */
    private double secondsLeft() {
        double elapsed = (System.nanoTime() - start) / 1e9;
        return (expectedSeconds - expectedSoFar) * Math.max(1, elapsed / expectedSoFar);
    }

    static String duration(double seconds) {
        long whole = Math.round(seconds);
        return whole < 60 ? whole + " s" : whole / 60 + " min " + whole % 60 + " s";
    }
}
