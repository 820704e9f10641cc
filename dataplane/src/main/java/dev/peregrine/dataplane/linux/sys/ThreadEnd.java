package dev.peregrine.dataplane.linux.sys;

/** The end of threads that others must wait for, whatever happens: they use what is freed afterwards. */
public final class ThreadEnd {
    private ThreadEnd() {}

    /** Waits until the thread has ended. An interrupt does not end the wait; the caller's flag is set afterwards. */
    public static void await(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
