package dev.peregrine.dataplane.linux;

/** The weight of the calling thread among those that want its CPU. New threads inherit it from the thread that starts them. */
public final class ThreadPriority {
    /** The greatest weight. */
    public static final int MOST = -20;

    /** The least. */
    public static final int LEAST = 19;

    private static final int PRIO_PROCESS = 0;
    private static final int THIS_THREAD = 0;

    private ThreadPriority() {}

    /**
     * Sets the nice value of the calling thread; 1 less is a quarter more weight. A value below the present one wants
     * CAP_SYS_NICE in the initial user namespace, or RLIMIT_NICE.
     */
    public static void nice(int value) throws LinuxException {
        if (value < MOST || value > LEAST) {
            throw new IllegalArgumentException("nice " + value + " is not within " + MOST + " to " + LEAST);
        }
        int result = Syscalls.setpriority(PRIO_PROCESS, THIS_THREAD, value);
        if (result < 0) {
            throw new LinuxException(
                    "setpriority", "nice " + value, result, "a value below the present one wants CAP_SYS_NICE");
        }
    }
}
