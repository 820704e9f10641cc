package dev.peregrine.gateway.runtime;

import dev.peregrine.dataplane.linux.sys.Syscalls;
import dev.peregrine.gateway.worker.EventLoopWorker;

/**
 * Initialises what every gateway needs and what takes the JVM long, beside the reading of the command line and of the
 * configuration: a start on two CPUs is some 50 ms shorter.
 */
public final class Preparation {
    private Preparation() {}

    /** Begins; whoever needs a part that is not there yet waits for it, as for any class. */
    public static void begin() {
        Thread.ofPlatform().daemon().name("preparation").start(Preparation::prepare);
    }

    private static void prepare() {
        var _ = Syscalls.close(-1); // the kernel refuses it, and the call is linked
        EventLoopWorker.prepare();
    }
}
