package dev.peregrine.bench.machine;

import java.util.Optional;

/**
 * A process and its CPU time until now, from {@code /proc/PID/stat}.
 *
 * @param parent its parent's id
 * @param kernelThread whether it is one of the kernel's own
 * @param start when it began, in ticks since boot: distinguishes successive processes with one id
 * @param ticks of CPU time, its ended children's included
 */
record ProcessTime(int pid, int parent, String name, boolean kernelThread, long start, long ticks) {
    private static final int PARENT = 1;
    private static final int FLAGS = 6;
    private static final int USER = 11;
    private static final int CHILDREN_SYSTEM = 14;
    private static final int START = 19;
    /** {@code PF_KTHREAD}. */
    private static final long KERNEL_THREAD = 0x0020_0000;

    /** Of the file's text; empty if it is cut off. A name may have spaces and parentheses. */
    static Optional<ProcessTime> parse(String stat) {
        int open = stat.indexOf('(');
        int close = stat.lastIndexOf(')');
        if (open < 0 || close < open) {
            return Optional.empty();
        }
        String[] fields = stat.substring(close + 1).strip().split(" ", -1);
        if (fields.length <= START) {
            return Optional.empty();
        }
        long ticks = 0;
        for (int i = USER; i <= CHILDREN_SYSTEM; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return Optional.of(new ProcessTime(
                Integer.parseInt(stat.substring(0, open).strip()),
                Integer.parseInt(fields[PARENT]),
                stat.substring(open + 1, close),
                (Long.parseLong(fields[FLAGS]) & KERNEL_THREAD) != 0,
                Long.parseLong(fields[START]),
                ticks));
    }

    /** Whether this is the same process at another time. */
    boolean isSameAs(ProcessTime other) {
        return pid == other.pid && start == other.start;
    }
}
