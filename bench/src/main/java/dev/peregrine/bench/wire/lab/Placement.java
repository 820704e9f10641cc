package dev.peregrine.bench.wire.lab;

/**
 * Which cores the parts run on that are pinned. Everything else, the receiving application and the kernel's threads,
 * runs where the scheduler puts it.
 *
 * @param senderCpu of the UDP sender, which is busy all the time
 * @param gatewayCpu of Peregrine's worker
 */
public record Placement(int senderCpu, int gatewayCpu) {
    /** The first and the last of the given cores. */
    public static Placement within(int[] cpus) {
        return new Placement(cpus[0], cpus[cpus.length - 1]);
    }
}
