package dev.peregrine.gateway.config.model;

import java.util.List;
import java.util.OptionalInt;

/**
 * The threads that carry packets.
 *
 * @param count how many; empty: one per CPU that {@code cpus} lists, or per two of the affinity mask
 * @param cpus CPU numbers to pin them to; empty: the gateway chooses from the inherited affinity mask, and may move
 *     them
 * @param idle how they wait for packets
 * @param nice their nice value, from -20 to 19, where the kernel allows it; empty: that which the gateway was started
 *     with
 * @param sliceMillis the milliseconds of CPU that they ask the scheduler for at a time, from 1 to 100; empty: the
 *     kernel's
 * @param napiThreads what becomes of a NAPI thread of the underlay that contends with a worker for its CPU
 */
public record WorkersConfig(
        OptionalInt count,
        List<Integer> cpus,
        Idle idle,
        OptionalInt nice,
        OptionalInt sliceMillis,
        NapiThreads napiThreads) {
    /** How a worker waits when it has nothing to do. */
    public enum Idle {
        ADAPTIVE,
        BLOCK,
        SPIN
    }

    /** The treatment of a busy NAPI thread on a worker's CPU. */
    public enum NapiThreads {
        STEER,
        LEAVE
    }

    public WorkersConfig {
        cpus = List.copyOf(cpus);
    }
}
