package dev.peregrine.gateway.placement;

/**
 * One that does receive work for the underlay.
 *
 * @param name such as {@code napi/eth0-8193}, {@code IRQ 38 (virtio2-input.0)} or {@code RPS of eth0 rx-0}
 * @param cpus where it may run
 * @param thread the number of the kernel's thread that it is; 0 if it is none
 */
public record Receiver(String name, CpuSet cpus, int thread) {
    /** One that is no thread. */
    Receiver(String name, CpuSet cpus) {
        this(name, cpus, 0);
    }

    /** Whether it is a thread of the kernel. */
    public boolean isThread() {
        return thread != 0;
    }

    /** Whether it is kept from some of the CPUs that a worker may have; the scheduler moves others as it likes. */
    public boolean isBound(CpuSet allowed) {
        return !cpus.containsAll(allowed);
    }
}
