package dev.peregrine.gateway.config;

/**
 * The kernel offloads to use.
 *
 * @param gro {@code UDP_GRO} on the receiving socket
 * @param gso {@code UDP_SEGMENT} on the sending sockets
 * @param tapOffload checksum and segmentation offload of TAP devices
 */
public record OffloadConfig(Offload gro, Offload gso, Offload tapOffload) {

    /** Whether an offload is used: {@code AUTO} and {@code ON} where the kernel has it, {@code OFF} never. */
    public enum Offload {
        AUTO,
        ON,
        OFF
    }
}
