package dev.peregrine.gateway.config.model;

/**
 * The kernel offloads to use.
 *
 * @param gro {@code UDP_GRO} on the receiving socket
 * @param gso {@code UDP_SEGMENT} on the sending sockets
 * @param tapOffload checksum and segmentation offload of TAP devices
 */
public record OffloadConfig(Gro gro, Offload gso, Offload tapOffload) {

    /** Whether {@code UDP_GRO} is used; {@code WIRE} also takes every merged message for datagrams. */
    public enum Gro {
        AUTO,
        ON,
        WIRE,
        OFF
    }

    /** Whether an offload is used: {@code AUTO} and {@code ON} where the kernel has it, {@code OFF} never. */
    public enum Offload {
        AUTO,
        ON,
        OFF
    }

    /** Whether TAP devices are to have the offloads that the kernel has. */
    public boolean usesTapOffload() {
        return tapOffload != Offload.OFF;
    }
}
