package dev.peregrine.dataplane.bpf;

/**
 * How a program ends: what becomes of the frame. The same numbers for a tcx link and for a {@code cls_bpf} filter with
 * direct action.
 */
public final class Verdict {
    /** The next program at the hook decides; behind the last one, the kernel's stack takes the frame. */
    public static final int NEXT = -1;

    /** The kernel's stack takes the frame, and no further program sees it. */
    public static final int PASS = 0;

    /** The frame is dropped. */
    public static final int DROP = 2;

    /** The frame goes where {@link KernelFunction#REDIRECT} or one of its kind has said. */
    public static final int REDIRECT = 7;

    private Verdict() {}
}
