package dev.peregrine.dataplane.packet;

/**
 * Why a packet ended before its destination. Each has a sentence for users; counts are wire packets, but for drops of
 * the kernel, which counts a superframe once, as their sentences say. Every reason is counted from the start. Names
 * follow the kernel's {@code skb_drop_reason} where it has one.
 */
public enum DropReason {
    /** RFC 7348 section 5. */
    VXLAN_TRUNCATED("The datagram is too short for a VXLAN header and an inner Ethernet header."),
    /** RFC 7348 section 5: the I flag is clear, or reserved bits are set in strict mode. */
    VXLAN_INVALID_HDR("The VXLAN header has no I flag, or reserved bits are set and reservedBits is strict."),
    /** RFC 7348 section 5. */
    VXLAN_VNI_NOT_FOUND("The VNI is not configured here."),
    /** The sender is no configured or allowed VTEP. */
    VTEP_NOT_ALLOWED("The datagram came from an address that is no allowed VTEP."),
    /** More remote VTEPs than the table holds. */
    VTEP_TABLE_FULL("The datagram came from an allowed VTEP, but the table of VTEPs is full."),
    /** RFC 7348 section 6.1. */
    INNER_VLAN_TAGGED("The inner frame has a VLAN tag and the VNI is not configured to carry tags."),
    /** RFC 6040 section 4.2: outer CE over inner not-ECT. */
    IP_TUNNEL_ECN("The outer header says congestion experienced, but the inner flow does not support ECN."),
    /** The inner IP header contradicts the frame. */
    INNER_HEADER_INVALID("The inner IP header is malformed or longer than the frame."),
    /** A group address as source. */
    MAC_INVALID_SOURCE("The source MAC address is a group address or zero."),
    /** IEEE 802.1D section 7.12.6: frames for bridges themselves. */
    MAC_RESERVED_GROUP(
            "The destination is a reserved group address (01:80:c2:00:00:00 to 0f: spanning tree, LACP, LLDP), which"
                    + " bridges do not forward; the VNI's groupForwardMask lets some pass."),
    /** A source MAC that a static or sticky entry places on another port. */
    FDB_STATIC_ENTRY("The source MAC address has a static or sticky FDB entry on another port."),
    /** Nobody is asked where a MAC is. */
    UNKNOWN_UNICAST("The destination MAC address is unknown, and the VNI drops such frames (unknownUnicast: drop)."),
    /** The bridge would send a frame back where it came from. */
    SAME_PORT("The destination is behind the port that the frame came from."),
    /** Split horizon. */
    TUNNEL_TO_TUNNEL("The destination is behind another VTEP; frames are not relayed between VTEPs."),
    /** A flood without members. */
    NO_FLOOD_MEMBER("Broadcast, unknown or multicast frame, and there is no other port to flood it to."),
    /** The pool was empty when a copy was needed. */
    FLOOD_COPY_FAILED("No buffer was free for a copy of a flooded frame."),
    /** The FDB named a port or VTEP that has gone. */
    PORT_UNKNOWN("The destination port or VTEP does not exist any more."),
    /** A frame longer than what the next hop carries. */
    MTU_EXCEEDED("The frame does not fit the MTU of the port or VNI that it has to leave by."),
    /** The port's device is not there. */
    PORT_DOWN("The port has no device now: its namespace is missing or its device went away."),
    /** The endpoint's queue is full. */
    ENDPOINT_FULL("The destination's queue is full: it takes frames more slowly than they arrive."),
    /** The endpoint's device refused the frame. */
    ENDPOINT_REFUSED("The destination's device refused the frame; port list and the log have the errno."),
    /** Not for an address of a socket port. */
    SOCKET_NOT_OURS("The frame reached a socket port, but is not ARP, ND or UDP for its address and UDP port."),
    /** The inner checksum is wrong at a port that terminates the flow. */
    INNER_CHECKSUM("The inner checksum is wrong."),
    /** Socket ports reassemble UDP only. */
    INNER_FRAGMENT("A socket port got a fragment of something else than a UDP datagram."),
    /** RFC 5722. */
    FRAG_OVERLAP(
            "Fragments of a datagram to a socket port overlap or contradict each other: the whole datagram is lost."),
    /** A fragment that came twice. */
    DUP_FRAG("A socket port got a fragment twice; the datagram is delivered all the same."),
    /** RFC 1122 section 3.3.2, RFC 8200 section 4.5. */
    FRAG_REASM_TIMEOUT("Fragments of a datagram to a socket port, the rest of which did not come in time."),
    /** More datagrams in fragments than a socket port has places for. */
    FRAG_EVICTED(
            "Fragments of a datagram to a socket port that gave its place to a newer one: more datagrams were incomplete"
                    + " than it has places for, or than one sender may have."),
    /** A local socket does not accept datagrams. */
    SOCKET_UNREACHABLE("The local datagram socket of a socket port is missing or does not accept datagrams."),
    /** A reply of a local socket that cannot be sent. */
    SOCKET_NO_PEER("A local socket sent a datagram, but the remote it would answer is not known any more."),
    /** A reply longer than the length field of UDP can say. */
    SOCKET_TOO_LONG(
            "A local socket sent more bytes than a UDP datagram can have (65,507 over IPv4, 65,527 over IPv6)."),
    /** {@code EAGAIN} or {@code ENOBUFS} of a send. */
    UNDERLAY_FULL(
            "The underlay took less than was to be sent: the socket's send buffer was full (vtep list has EAGAIN), or its"
                    + " device's queue (ENOBUFS; see tc -s qdisc)."),
    /** Any other errno of a send. */
    UNDERLAY_REFUSED("The kernel refused the datagram: no route, a firewall, too long, or a device that is down;"
            + " vtep list and the log have the errno."),
    /** The underlay's interface or address is not there. */
    UNDERLAY_DOWN(
            "The underlay waits for its interface or its address, so nothing can be sent; status says for which."),
    /** Word of a datagram that the kernel had taken. */
    UNDERLAY_UNREACHABLE(
            "The kernel had taken the datagram, then an ICMP error came back, or no neighbour answered for the next"
                    + " hop (ip neigh); vtep list and the log have the errno."),
    /** The kernel's receive queue overflowed ({@code SO_MEMINFO}). */
    UNDERLAY_RECEIVE_OVERFLOW(
            "The kernel dropped datagrams, because the underlay socket's receive queue was full; those that"
                    + " UDP_GRO had merged count as one."),
    /** Packets of flows that wait to pass in the kernel. */
    UNDERLAY_SHED(
            "The underlay socket's receive queue was never empty, so the kernel dropped datagrams of known flows for some"
                    + " milliseconds: so their queue empties, and these flows pass in the kernel (fastpath.kernel)."),
    /** A message of {@code UDP_GRO} that may be datagrams of several VNIs, or one superframe that poses as such. */
    UNDERLAY_AMBIGUOUS(
            "Datagrams of different VNIs came merged, which a container behind the same kernel could have forged; UDP_GRO"
                    + " pauses. Those that waited at its start count as messages, not datagrams. Where this goes"
                    + " on, set underlay.offload.gro: off, or wire if it receives from a wire alone."),
    /** The checksum was found wrong at the socket. */
    UNDERLAY_CHECKSUM("The kernel dropped datagrams at the underlay socket, because their UDP checksum was wrong."),
    /** The TAP device's own queue overflowed. */
    TAP_TRANSMIT_OVERFLOW(
            "The kernel dropped frames of a container, because its TAP device's queue was full; a superframe"
                    + " counts as one."),
    /** The queue of a packet socket overflowed. */
    INTERFACE_RECEIVE_OVERFLOW("The kernel dropped frames of an interface port, because its receive queue was full; a"
            + " superframe counts as one."),
    /** A superframe whose headers or virtio header do not tell how to cut it. */
    SUPERFRAME_UNSUPPORTED(
            "A device handed over a superframe that cannot be cut, such as a tunnel's; one that the kernel cannot describe"
                    + " counts as one. Switch off (ethtool -K): at its sender tx-udp_tnl-segmentation,"
                    + " tx-gre-segmentation and the like, at an interface port gro, lro and rx-gro-list."),
    /** A superframe of too many segments. */
    SUPERFRAME_SEGMENTS(
            "A superframe has more segments than a port takes: raise its sender's MSS, or switch off tso and"
                    + " tx-udp-segmentation there, at an interface port gro, lro and rx-gro-list (ethtool -K)."),
    /** BIG TCP. */
    SUPERFRAME_TOO_LONG("A superframe is longer than 64 KiB (BIG TCP): set gro_max_size and gro_ipv4_max_size of the"
            + " interface, gso_max_size and gso_ipv4_max_size of its sender, to 65536 (ip link set)."),
    /** The received datagram did not fit the buffer. */
    UNDERLAY_TRUNCATED("The kernel cut a datagram, because it was longer than a receive buffer."),
    /** A packet that had to be split, or to be answered, found no buffer. */
    POOL_EMPTY("No buffer was free: \"worker list\" shows how often."),
    /** A link between two workers was full. */
    LINK_FULL("The queue to the next worker was full."),
    /** Anti-spoofing: the Ethernet source. */
    SPOOFED_SOURCE_MAC("A port sent a frame with a source MAC address that is not its own."),
    /** Anti-spoofing: the IP source (RFC 2827). */
    SPOOFED_SOURCE_ADDRESS("A port sent an IP packet with a source address that is not its own."),
    /** Anti-spoofing: what an ARP packet says. */
    SPOOFED_ARP("A port sent an ARP packet that claims a MAC or IPv4 address that is not its own."),
    /** Anti-spoofing: what a neighbour discovery message says, or an IPv6 packet whose headers hide if it is one. */
    SPOOFED_ND("A port sent a neighbour discovery message that claims what is not its own, or hides what it is."),
    /** Anti-spoofing: what a DHCP message says. */
    SPOOFED_DHCP("A port sent a DHCP request for another MAC address, or answers as a DHCP server that it is not."),
    /** Storm control. */
    STORM_LIMIT("Broadcast, multicast or unknown unicast frame over the limit of its port or VNI."),
    /** A token bucket was empty. */
    RATE_LIMIT("The frame is over the rate limit of its port, VNI or rule."),
    /** No entry for a new flow. */
    STATE_TABLE_FULL("The table of established flows had no place for a new flow."),
    /** A packet that contradicts what is known of its flow. */
    STATE_INVALID("The packet belongs to no established flow and cannot begin one."),
    /** A rule with the action deny. */
    POLICY_DENIED("A policy rule denies the frame."),
    /** The default of a list of rules. */
    POLICY_DEFAULT("No policy rule allows the frame, and the default of its port or VNI is to deny."),
    /** Headers that rules need and cannot be trusted (RFC 1858, RFC 3128). */
    POLICY_UNREADABLE("Policy applies, but the frame's headers are malformed, cut off, or overlapped by a fragment."),
    /** A stage, or what takes packets behind it, threw: a bug. */
    STAGE_FAILED(
            "A stage, endpoint or underlay failed on the batch that held the packet: a bug, which the log describes.");

    private final String text;

    DropReason(String text) {
        this.text = text;
    }

    /** Position among the reasons, from 0: what counters and verdicts are indexed by. */
    @SuppressWarnings("EnumOrdinal") // nothing outside a running process keeps the number
    public int index() {
        return ordinal();
    }

    /** One sentence that explains the reason to a user. */
    public String text() {
        return text;
    }
}
