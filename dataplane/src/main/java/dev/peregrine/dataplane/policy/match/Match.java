package dev.peregrine.dataplane.policy.match;

import dev.peregrine.dataplane.header.IpProtocol;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a rule on a frame: every part that is set must hold.
 *
 * <p>Parts that look at the transport header (ports, ICMP, TCP flags) hold for no later fragment of a datagram, for
 * that does not carry the header.
 *
 * @param protocol number of the protocol above IP, {@link #ARP}, {@link #OTHER}, or {@link #ANY}
 * @param source where the packet may come from; null for anywhere. A set part makes the rule one for IP only
 * @param sourceMac 48 bits, or {@link #ANY}
 * @param destinationMac 48 bits, or {@link #ANY}
 * @param sourcePorts of TCP or UDP, one of which must hold; empty for any
 * @param destinationPorts of TCP or UDP, one of which must hold; empty for any
 * @param icmpTypes of ICMP or ICMPv6; null for any
 * @param icmpCodes of ICMP or ICMPv6; null for any
 * @param tcpFlagsMask which of the eight TCP flags count, as in {@link dev.peregrine.dataplane.header.TcpHeader}
 * @param tcpFlags the values that those flags must have
 */
public record Match(
        int protocol,
        @Nullable AddressSet source,
        @Nullable AddressSet destination,
        long sourceMac,
        long destinationMac,
        List<Range> sourcePorts,
        List<Range> destinationPorts,
        @Nullable Range icmpTypes,
        @Nullable Range icmpCodes,
        int tcpFlagsMask,
        int tcpFlags) {
    /** Any value. */
    public static final int ANY = -1;

    /** Stands for a protocol number: ARP. */
    public static final int ARP = 256;

    /** Stands for a protocol number: neither IP nor ARP. */
    public static final int OTHER = 257;

    /** Every frame. */
    public static final Match ALL = new Match(ANY, null, null, ANY, ANY, List.of(), List.of(), null, null, 0, 0);

    /** Copies the lists. */
    public Match {
        if (protocol < ANY || protocol > OTHER) {
            throw new IllegalArgumentException("protocol " + protocol);
        }
        sourcePorts = List.copyOf(sourcePorts);
        destinationPorts = List.copyOf(destinationPorts);
    }

    /** Whether some part needs TCP or UDP ports. */
    boolean needsPorts() {
        return !sourcePorts.isEmpty() || !destinationPorts.isEmpty() || tcpFlagsMask != 0;
    }

    /** Whether some part needs an ICMP or ICMPv6 header. */
    boolean needsIcmp() {
        return icmpTypes != null || icmpCodes != null;
    }

    /** Whether all parts hold for a frame. */
    boolean holds(FrameFields frame) {
        return (protocol == ANY || protocol == frame.protocol)
                && (destination == null
                        || destination.contains(frame.family, frame.destinationHigh, frame.destinationLow))
                && (source == null || source.contains(frame.family, frame.sourceHigh, frame.sourceLow))
                && (sourceMac == ANY || sourceMac == frame.sourceMac)
                && (destinationMac == ANY || destinationMac == frame.destinationMac)
                && (!needsPorts() || holdsPorts(frame))
                && (!needsIcmp() || holdsIcmp(frame));
    }

    private boolean holdsPorts(FrameFields frame) {
        return frame.hasPorts
                && (tcpFlagsMask == 0
                        || (frame.protocol == IpProtocol.TCP && (frame.tcpFlags & tcpFlagsMask) == tcpFlags))
                && contains(destinationPorts, frame.destinationPort())
                && contains(sourcePorts, frame.sourcePort());
    }

    private boolean holdsIcmp(FrameFields frame) {
        return frame.hasIcmp
                && (icmpTypes == null || icmpTypes.contains(frame.icmpType))
                && (icmpCodes == null || icmpCodes.contains(frame.icmpCode));
    }

    private static boolean contains(List<Range> ranges, int number) {
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.get(i).contains(number)) {
                return true;
            }
        }
        return ranges.isEmpty();
    }
}
