package dev.peregrine.dataplane.bpf;

/** The outcome of running a program on one frame, see {@link LoadedProgram#run}. Immutable. */
public final class TestRun {
    private final int verdict;
    private final byte[] frame;

    TestRun(int verdict, byte[] frame) {
        this.verdict = verdict;
        this.frame = frame;
    }

    /** A {@link Verdict}. */
    public int verdict() {
        return verdict;
    }

    /** A copy of the frame as the program left it; it was not sent anywhere. */
    public byte[] frame() {
        return frame.clone();
    }
}
