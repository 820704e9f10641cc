package dev.peregrine.gateway.config.model;

import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.policy.match.Range;
import dev.peregrine.vxlan.TunnelSettings;
import dev.peregrine.vxlan.underlay.UnderlaySettings;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * The carrying network: this VTEP's address and how VXLAN datagrams are sent and accepted.
 *
 * @param device the interface to bind to; empty: any
 * @param sourcePorts UDP source ports that carry the flow's entropy
 * @param checksum whether the outer UDP checksum of sent datagrams is filled over IPv4
 * @param checksum6 the same over IPv6, where not every receiver takes datagrams without one (RFC 6935)
 * @param tunnel how headers are made and checked
 * @param df whether outer IPv4 datagrams carry Don't Fragment
 * @param allow networks to accept datagrams from; empty: the configured VTEPs
 *     ({@link GatewayConfig#allowedVteps})
 * @param vteps remote VTEPs beside those that VNIs name
 * @param receiveBufferBytes size asked of the kernel for the receiving socket
 */
public record UnderlayConfig(
        InetAddress local,
        int port,
        Optional<String> device,
        Mode mode,
        Range sourcePorts,
        boolean checksum,
        boolean checksum6,
        TunnelSettings tunnel,
        boolean df,
        Optional<List<Prefix>> allow,
        List<InetAddress> vteps,
        long receiveBufferBytes,
        OffloadConfig offload) {

    /** How the underlay's socket is driven. */
    public enum Mode {
        AUTO,
        NATIVE,
        NETTY
    }

    public UnderlayConfig {
        allow = allow.map(List::copyOf);
        vteps = List.copyOf(vteps);
    }

    /** The same with other settings of the headers. */
    public UnderlayConfig withTunnel(TunnelSettings other) {
        return with(other, allow, vteps);
    }

    /** The same with another allow-list. */
    public UnderlayConfig withAllow(Optional<List<Prefix>> other) {
        return with(tunnel, other, vteps);
    }

    /** The same with other VTEPs. */
    public UnderlayConfig withVteps(List<InetAddress> other) {
        return with(tunnel, allow, other);
    }

    private UnderlayConfig with(TunnelSettings headers, Optional<List<Prefix>> networks, List<InetAddress> remotes) {
        return new UnderlayConfig(
                local,
                port,
                device,
                mode,
                sourcePorts,
                checksum,
                checksum6,
                headers,
                df,
                networks,
                remotes,
                receiveBufferBytes,
                offload);
    }

    /** The settings of the underlay's sockets: an offload that is not off is used where the kernel has it. */
    public UnderlaySettings settings() {
        return new UnderlaySettings(
                local,
                port,
                device.orElse(null),
                sourcePorts.first(),
                sourcePorts.last(),
                sendsChecksum(),
                df,
                offload.gro() != OffloadConfig.Gro.OFF,
                offload.gso() != OffloadConfig.Offload.OFF,
                (int) Math.min(receiveBufferBytes, Integer.MAX_VALUE));
    }

    /** Whether the outer UDP checksum of sent datagrams is filled, over the underlay's family. */
    public boolean sendsChecksum() {
        return local instanceof Inet4Address ? checksum : checksum6;
    }

    /** The key that says so, for users. */
    public String checksumKey() {
        return local instanceof Inet4Address ? "underlay.checksum" : "underlay.checksum6";
    }

    /** Bytes between an inner IP packet and the outer IP packet's end: 50 over IPv4, 70 over IPv6. */
    public int overheadBytes() {
        return overheadBytes(!(local instanceof Inet4Address));
    }

    /** As {@link #overheadBytes()}, of an underlay of IPv6 or IPv4. */
    public static int overheadBytes(boolean ipv6) {
        int outerIp = ipv6 ? 40 : 20;
        int udp = 8;
        int vxlan = 8;
        int innerEthernet = 14;
        return outerIp + udp + vxlan + innerEthernet;
    }
}
