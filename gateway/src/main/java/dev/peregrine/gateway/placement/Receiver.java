package dev.peregrine.gateway.placement;

/**
 * One that does receive work for the underlay.
 *
 * @param name such as {@code napi/eth0-8193}, {@code IRQ 38 (virtio2-input.0)} or {@code RPS of eth0 rx-0}
 * @param cpus where it may run
 */
public record Receiver(String name, CpuSet cpus) {
    /** Whether it is kept from some of the CPUs that a worker may have; the scheduler moves others as it likes. */
    boolean isBound(CpuSet allowed) {
        return !cpus.containsAll(allowed);
    }
}
