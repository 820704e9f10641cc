package dev.peregrine.gateway.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The carrying network: this VTEP's address and how VXLAN datagrams are sent and accepted.
 *
 * @param device the interface to bind to; empty: any
 * @param sourcePorts UDP source ports that carry the flow's entropy
 * @param checksum whether the outer UDP checksum of sent datagrams is filled over IPv4; it always is over IPv6
 * @param ttl outer TTL or hop limit; empty: the inner packet's
 * @param dscp outer DSCP; empty: the inner packet's
 * @param df whether outer IPv4 datagrams carry Don't Fragment
 * @param reservedBits reserved bits of the VXLAN header that drop a datagram, the first on the wire in the highest place
 * @param allow networks to accept datagrams from; empty: the configured VTEPs
 *     ({@link GatewayConfig#allowedVteps})
 * @param receiveBufferBytes size asked of the kernel for the receiving socket
 */
public record UnderlayConfig(
        InetAddress local,
        int port,
        Optional<String> device,
        Mode mode,
        PortRange sourcePorts,
        boolean checksum,
        Ecn ecn,
        OptionalInt ttl,
        OptionalInt dscp,
        boolean df,
        long reservedBits,
        Optional<List<Prefix>> allow,
        long receiveBufferBytes,
        OffloadConfig offload) {

    /** How the underlay's socket is driven. */
    public enum Mode {
        AUTO,
        NATIVE,
        NETTY
    }

    /** How ECN passes between inner and outer header: RFC 6040, or RFC 3168 (CE is not copied on encap). */
    public enum Ecn {
        RFC6040,
        RFC3168
    }

    public UnderlayConfig {
        allow = allow.map(List::copyOf);
    }

    /** Bytes between an inner IP packet and the outer IP packet's end: 50 over IPv4, 70 over IPv6. */
    public int overheadBytes() {
        int outerIp = local instanceof Inet4Address ? 20 : 40;
        int udp = 8;
        int vxlan = 8;
        int innerEthernet = 14;
        return outerIp + udp + vxlan + innerEthernet;
    }
}
