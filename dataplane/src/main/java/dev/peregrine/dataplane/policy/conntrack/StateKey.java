package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.packet.Packet;

/**
 * The key of a flow in {@link FlowStates}: 128 bits of {@link SipHash} over zone, segment, addresses, protocol and
 * ports, the same for both directions. The full key is not stored: without the hash's secret no one can make two keys
 * collide, and by chance two of a million flows do so with a probability of 10^-27. Owned by one worker.
 */
final class StateKey {
    /** Added to a protocol: the later fragments of one datagram, which differ by direction. */
    static final int FRAGMENTS = 0x100;

    private static final int IPV6 = 0x200;
    private static final int FROM_HIGH = 0x400;

    private final SipHash hash;
    private boolean fromLow;
    private int network;
    private long zone;
    private int kind;
    private int ports;

    StateKey(SipHash hash) {
        this.hash = hash;
    }

    /** The first half. */
    long tag() {
        return hash.first();
    }

    /** The second half. */
    long check() {
        return hash.second();
    }

    /** Where the IP header is that this is the key of. */
    int network() {
        return network;
    }

    /** Zone and VLAN tags. */
    long zone() {
        return zone;
    }

    /** Protocol, IP version, and whether it is that of fragments: 16 bits. */
    int kind() {
        return kind;
    }

    /** Ports or identification, as the packet has them. */
    int ports() {
        return ports;
    }

    boolean isIpv6() {
        return isIpv6(kind);
    }

    static boolean isIpv6(int kind) {
        return (kind & IPV6) != 0;
    }

    /** Whether the packet went from the low end to the high one. */
    boolean isFromLow() {
        return fromLow;
    }

    /**
     * Makes this the key of an IP packet.
     *
     * @param packet has the IP header in its head
     * @param atNetwork index of the IP header, which need not be that of the packet itself
     * @param itsZone zone and VLAN tags: what else keeps flows apart
     * @param itsKind protocol, with {@link #FRAGMENTS} for a later fragment
     * @param itsPorts source port in the upper half, destination port in the lower; or an identification
     */
    void of(Packet packet, int atNetwork, long itsZone, int itsKind, int itsPorts) {
        network = atNetwork;
        zone = itsZone;
        ports = itsPorts;
        if (packet.getByte(network) >>> 4 == 4) {
            kind = itsKind;
            addresses4(
                    packet.getInt(network + Ipv4Header.SOURCE), packet.getInt(network + Ipv4Header.DESTINATION), ports);
        } else {
            kind = itsKind | IPV6;
            addresses6(packet, network, ports);
        }
        boolean isDatagram = (kind & FRAGMENTS) != 0;
        int ends = fromLow || isDatagram ? ports : Integer.rotateLeft(ports, Short.SIZE);
        int kinds = kind | (isDatagram && !fromLow ? FROM_HIGH : 0);
        hash.add(((long) kinds << 48) | ((long) packet.segment() << 32) | (ends & 0xffff_ffffL));
        hash.add(zone);
        hash.finish();
    }

    private void addresses4(int source, int destination, int ports) {
        int order = Integer.compareUnsigned(source, destination);
        fromLow = order < 0 || (order == 0 && isInOrder(ports));
        long low = (fromLow ? source : destination) & 0xffff_ffffL;
        long high = (fromLow ? destination : source) & 0xffff_ffffL;
        hash.begin().add((low << 32) | high);
    }

    private void addresses6(Packet packet, int network, int ports) {
        long sourceHigh = packet.getLong(network + Ipv6Header.SOURCE);
        long sourceLow = packet.getLong(network + Ipv6Header.SOURCE_LOW);
        long destinationHigh = packet.getLong(network + Ipv6Header.DESTINATION);
        long destinationLow = packet.getLong(network + Ipv6Header.DESTINATION_LOW);
        int order = sourceHigh == destinationHigh
                ? Long.compareUnsigned(sourceLow, destinationLow)
                : Long.compareUnsigned(sourceHigh, destinationHigh);
        fromLow = order < 0 || (order == 0 && isInOrder(ports));
        hash.begin();
        if (fromLow) {
            hash.add(sourceHigh).add(sourceLow).add(destinationHigh).add(destinationLow);
        } else {
            hash.add(destinationHigh).add(destinationLow).add(sourceHigh).add(sourceLow);
        }
    }

    private static boolean isInOrder(int ports) {
        return ports >>> 16 <= (ports & 0xffff);
    }
}
