package dev.peregrine.gateway.config;

/**
 * The kernel offloads to use.
 *
 * @param gro {@code UDP_GRO} on the receiving socket
 * @param gso {@code UDP_SEGMENT} on the sending sockets
 * @param tapOffload checksum and segmentation offload of TAP devices
 */
public record OffloadConfig(Offload gro, Offload gso, Offload tapOffload) {

    /** Whether an offload is used: where it works, always (else the start fails), or never. */
    public enum Offload {
        AUTO,
        ON,
        OFF
    }
}
