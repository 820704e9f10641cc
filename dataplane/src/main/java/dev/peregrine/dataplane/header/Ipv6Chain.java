package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * Where a chain of IPv6 extension headers leads (RFC 8200 section 4), packed into a long, since it is computed per
 * packet:
 *
 * <pre>
 *   63            32 31        18   17      16     15          8 7         0
 *  +----------------+-------------+------+--------+-------------+-----------+
 *  |     index      |             |hidden|fragment|flow protocol| protocol  |
 *  +----------------+-------------+------+--------+-------------+-----------+
 * </pre>
 *
 * <p>Hidden: the transport header cannot be seen, for it lies in another fragment, or the chain is cut off or too long.
 * The flow protocol is the same in all fragments of a datagram: what their fragment header names.
 */
final class Ipv6Chain {
    /** The most extension headers that are followed: RFC 8200 recommends at most seven. */
    private static final int MAX_HEADERS = 8;

    /** Bytes of the shortest extension header, and the unit in which most give their length. */
    private static final int UNIT = 8;

    private static final int LENGTH = 1;
    private static final long FRAGMENT = 1 << 16;
    private static final long HIDDEN = 1 << 17;

    private Ipv6Chain() {}

    /** Follows the chain behind the IPv6 header at {@code network}, reading nothing from {@code limit} on. */
    static long walk(Packet packet, int network, int limit) {
        int index = network + Ipv6Header.LENGTH;
        int protocol = packet.getByte(network + Ipv6Header.NEXT_HEADER);
        int flowProtocol = -1;
        for (int i = 0; i < MAX_HEADERS; i++) {
            if (!isExtension(protocol)) {
                return named(end(index, protocol, flowProtocol >= 0, false), flowProtocol);
            }
            if (index + UNIT > limit) {
                break;
            }
            int next = packet.getByte(index);
            if (protocol == IpProtocol.FRAGMENT) {
                int bits = packet.getShort(index + IpFragment.IPV6_BITS)
                        & (IpFragment.IPV6_OFFSET_MASK | IpFragment.IPV6_MORE);
                flowProtocol = bits == 0 ? flowProtocol : next; // an atomic fragment is a whole datagram (RFC 6946)
                if ((bits & IpFragment.IPV6_OFFSET_MASK) != 0) {
                    return end(index + UNIT, next, true, true);
                }
            }
            index += length(packet, protocol, index);
            protocol = next;
        }
        return named(end(index, protocol, flowProtocol >= 0, true), flowProtocol);
    }

    /** Index of the chain's fragment header, or -1 when none can be seen; reads nothing from {@code limit} on. */
    static int fragmentHeader(Packet packet, int network, int limit) {
        int index = network + Ipv6Header.LENGTH;
        int protocol = packet.getByte(network + Ipv6Header.NEXT_HEADER);
        for (int i = 0; i < MAX_HEADERS && isExtension(protocol) && index + UNIT <= limit; i++) {
            if (protocol == IpProtocol.FRAGMENT) {
                return index;
            }
            int next = packet.getByte(index);
            index += length(packet, protocol, index);
            protocol = next;
        }
        return -1;
    }

    /** A chain that ends at {@code index} before a header of {@code protocol}. */
    static long end(int index, int protocol, boolean fragment, boolean hidden) {
        return ((long) index << 32) | (hidden ? HIDDEN : 0) | (fragment ? FRAGMENT : 0) | (protocol << 8) | protocol;
    }

    static int index(long chain) {
        return (int) (chain >>> 32);
    }

    static boolean isHidden(long chain) {
        return (chain & HIDDEN) != 0;
    }

    static boolean isFragment(long chain) {
        return (chain & FRAGMENT) != 0;
    }

    static int flowProtocol(long chain) {
        return (int) (chain >>> 8) & 0xff;
    }

    /** The protocol at the end of the chain; 0 when nothing follows. */
    static int protocol(long chain) {
        int protocol = (int) chain & 0xff;
        return protocol == IpProtocol.NO_NEXT_HEADER ? 0 : protocol;
    }

    private static long named(long chain, int flowProtocol) {
        return flowProtocol < 0 ? chain : (chain & ~0xff00L) | (flowProtocol << 8);
    }

    private static boolean isExtension(int protocol) {
        return switch (protocol) {
            case IpProtocol.HOP_BY_HOP,
                    IpProtocol.ROUTING,
                    IpProtocol.FRAGMENT,
                    IpProtocol.AUTHENTICATION,
                    IpProtocol.DESTINATION_OPTIONS -> true;
            default -> false;
        };
    }

    private static int length(Packet packet, int protocol, int index) {
        int field = packet.getByte(index + LENGTH);
        return switch (protocol) {
            case IpProtocol.FRAGMENT -> IpFragment.IPV6_LENGTH;
            case IpProtocol.AUTHENTICATION -> (field + 2) << 2;
            default -> (field + 1) << 3;
        };
    }
}
