package dev.peregrine.dataplane.bpf;

/** Where at an interface a program sees frames, from the kernel's view. */
public enum Hook {
    /** Frames that the interface received, before the kernel's stack has them. */
    INGRESS(46),
    /** Frames that the interface is about to send. */
    EGRESS(47);

    /** {@code BPF_TCX_INGRESS} or {@code BPF_TCX_EGRESS}. */
    final int attachType;

    Hook(int attachType) {
        this.attachType = attachType;
    }
}
