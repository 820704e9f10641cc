package dev.peregrine.vxlan.underlay;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The settings of this VTEP in the underlay network.
 *
 * @param local this VTEP's address; its family is that of the underlay
 * @param port UDP port to receive on
 * @param device interface that datagrams must arrive on and leave by; null for any
 * @param firstSourcePort lowest UDP source port of sent datagrams
 * @param lastSourcePort highest UDP source port of sent datagrams
 * @param checksum whether sent datagrams carry a UDP checksum. Received ones may be without, over IPv6 too (RFC 7348
 *     section 5, RFC 6935)
 * @param df whether datagrams over IPv4 must not be fragmented
 * @param gro whether the kernel may merge received datagrams
 * @param gso whether the kernel may cut sent superframes
 * @param receiveBufferBytes size to ask of the kernel for each receive queue
 */
public record UnderlaySettings(
        InetAddress local,
        int port,
        @Nullable String device,
        int firstSourcePort,
        int lastSourcePort,
        boolean checksum,
        boolean df,
        boolean gro,
        boolean gso,
        int receiveBufferBytes) {
    /** The UDP port of VXLAN (RFC 7348 section 5). */
    public static final int DEFAULT_PORT = 4789;

    private static final int FIRST_DYNAMIC_PORT = 49152;
    private static final int LAST_PORT = 65535;
    private static final int DEFAULT_RECEIVE_BUFFER_BYTES = 8 << 20;

    /** Checks the ranges. */
    public UnderlaySettings {
        if (firstSourcePort < 1 || lastSourcePort < firstSourcePort || lastSourcePort > LAST_PORT) {
            throw new IllegalArgumentException("source ports " + firstSourcePort + " to " + lastSourcePort);
        }
    }

    /**
     * The settings that suit most networks: source ports as RFC 7348 section 5 recommends, checksums, DF, all offloads.
     */
    public static UnderlaySettings of(InetAddress local, int port) {
        return new UnderlaySettings(
                local, port, null, FIRST_DYNAMIC_PORT, LAST_PORT, true, true, true, true, DEFAULT_RECEIVE_BUFFER_BYTES);
    }
}
