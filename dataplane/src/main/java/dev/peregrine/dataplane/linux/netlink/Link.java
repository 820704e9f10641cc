package dev.peregrine.dataplane.linux.netlink;

import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A network interface as rtnetlink described it at one moment.
 *
 * @param index the kernel's number, unique in its namespace
 * @param mtu bytes
 * @param mac 48 bits, the first octet highest; 0 if it has none
 * @param kind the driver's word: "vxlan", "tun", "bridge"; empty for a hardware or loopback interface
 * @param flags {@code IFF_UP} 1 and so on
 * @param txQueueLength packets
 */
public record Link(
        int index,
        String name,
        int mtu,
        long mac,
        String kind,
        int flags,
        int txQueueLength,
        Statistics statistics,
        Optional<Vxlan> vxlan) {
    private static final int IFF_UP = 1;
    private static final int IFF_LOOPBACK = 8;

    public boolean isUp() {
        return (flags & IFF_UP) != 0;
    }

    public boolean isLoopback() {
        return (flags & IFF_LOOPBACK) != 0;
    }

    /**
     * Counters since the device was made, from its namespace's view: what is written to a TAP is received there, and
     * its {@code txDropped} are frames that found the TAP's queue full.
     *
     * @param rxErrors frames that the device received broken, or could not receive
     * @param rxMissed frames that came while the device's receive ring was full
     */
    public record Statistics(
            long rxPackets,
            long txPackets,
            long rxBytes,
            long txBytes,
            long rxErrors,
            long rxDropped,
            long txDropped,
            long rxMissed) {}

    /**
     * A kernel VXLAN device's settings.
     *
     * @param port its UDP port
     * @param local its own address; null: any
     */
    public record Vxlan(int vni, int port, @Nullable InetAddress local) {}
}
