package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * Finds the headers of an inner frame and computes its flow hash, once per packet; every later stage reads the result
 * from the {@link Packet}.
 */
public final class Dissector {
    private Dissector() {}

    /**
     * Dissects the Ethernet frame at {@code frameIndex} and records in the packet:
     *
     * <ul>
     *   <li>{@link Packet#etherType}: the outermost EtherType, that of the VLAN tag if there is one; 0 when the head
     *       does not hold an Ethernet header;
     *   <li>{@link Packet#networkIndex}: the IPv4, IPv6 or ARP header behind up to two VLAN tags, if its fixed part
     *       lies in the head and has the right version;
     *   <li>{@link Packet#protocol} and {@link Packet#transportIndex}: the header behind IP and its options or
     *       extension headers. Both are set or neither is ({@code protocol() != 0} means {@code transportIndex() >=
     *       0}). Neither is for later fragments, for lengths that contradict the frame, and where the fixed part of a
     *       TCP, UDP, ICMP or ICMPv6 header does not lie in the head. A first fragment has both;
     *   <li>{@link Packet#flowHash}, never 0: over addresses, protocol and ports (the identifier of an ICMP echo);
     *       over addresses and protocol for all fragments of a datagram and all other IP; over MAC addresses and
     *       EtherType for the rest.
     * </ul>
     *
     * <p>Takes any bytes of any length; reads nothing outside the head.
     */
    public static void dissect(Packet packet, int frameIndex) {
        throw new UnsupportedOperationException();
    }

    /** Whether a dissected packet has an IPv4 header, at {@link Packet#networkIndex}. */
    public static boolean isIpv4(Packet packet) {
        throw new UnsupportedOperationException();
    }

    /** Whether a dissected packet has an IPv6 header, at {@link Packet#networkIndex}. */
    public static boolean isIpv6(Packet packet) {
        throw new UnsupportedOperationException();
    }

    /** Whether a dissected packet is one of several IP fragments, the first included. */
    public static boolean isFragment(Packet packet) {
        throw new UnsupportedOperationException();
    }

    /**
     * Index in the head of the payload of a dissected TCP segment or UDP datagram: the length of all headers, for
     * {@link Packet#cut}. Negative when it is neither, a fragment, or its headers contradict the head.
     */
    public static int payloadIndex(Packet packet) {
        throw new UnsupportedOperationException();
    }
}
