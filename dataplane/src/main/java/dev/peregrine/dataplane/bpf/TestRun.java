package dev.peregrine.dataplane.bpf;

/** The outcome of running a program on one frame, see {@link LoadedProgram#run}. Immutable. */
public final class TestRun {
    private final int verdict;
    private final byte[] frame;
    private final int nanos;

    TestRun(int verdict, byte[] frame, int nanos) {
        this.verdict = verdict;
        this.frame = frame;
        this.nanos = nanos;
    }

    /** A {@link Verdict}. */
    public int verdict() {
        return verdict;
    }

    /** How long the program ran, in nanoseconds, with what the kernel needs to take the time. */
    public int nanos() {
        return nanos;
    }

    /** A copy of the frame as the program left it; it was not sent anywhere. */
    public byte[] frame() {
        return frame.clone();
    }
}
