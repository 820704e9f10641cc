package dev.peregrine.dataplane.policy.match;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.testing.FrameBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Random matches and frames from a world so small that they often meet, and what ought to meet by the book. */
public final class RandomRules {
    private static final int[] PROTOCOLS = {
        Match.ANY, IpProtocol.TCP, IpProtocol.UDP, IpProtocol.ICMP, IpProtocol.ICMPV6, 47, Match.ARP, Match.OTHER
    };
    private static final int[] PORTS = {0, 1, 22, 53, 80, 443, 1023, 1024, 8000, 8080, 32768, 65535};
    private static final long[] MACS = {0x0200_0000_0001L, 0x0200_0000_0002L, 0xffff_ffff_ffffL};
    private static final String[] ADDRESSES_4 = {
        "0.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.1.1", "10.1.0.1", "10.128.0.1", "198.19.0.1", "255.255.255.255"
    };
    private static final String[] ADDRESSES_6 = {
        "::", "fd00::1", "fd00::2", "fd00::1:0:0:0:1", "fd00:0:1::1", "fd01::1", "2001:db8::a00:1", "ffff::ffff"
    };

    private final SplittableRandom random;

    public RandomRules(SplittableRandom random) {
        this.random = random;
    }

    /** A frame in the terms of its maker; a later fragment has no transport header. */
    record Frame(
            int family,
            int protocol,
            String source,
            String destination,
            int sourcePort,
            int destinationPort,
            int icmpType,
            int flags,
            long sourceMac,
            long destinationMac,
            boolean laterFragment) {
        byte[] bytes() {
            if (protocol == Match.ARP) {
                return FrameBuilder.arp(1, sourceMac, "10.0.0.1", 0, "10.0.0.2");
            }
            if (protocol == Match.OTHER) {
                return FrameBuilder.ethernet(destinationMac, sourceMac, 0x88cc, new byte[46]);
            }
            FrameBuilder frame = FrameBuilder.ip(protocol, source, destination)
                    .macs(destinationMac, sourceMac)
                    .ports(sourcePort, destinationPort)
                    .icmpType(icmpType)
                    .flags(flags)
                    .payload(24);
            if (laterFragment && family == 4) {
                frame.fragmentBits(100);
            } else if (laterFragment) {
                frame.extensions(IpProtocol.FRAGMENT, new byte[] {(byte) protocol, 0, 3, 32, 0, 0, 0, 1});
            }
            return frame.build();
        }
    }

    public List<Match> matches(int count) {
        return IntStream.range(0, count).mapToObj(i -> match()).toList();
    }

    Match match() {
        int protocol = pick(PROTOCOLS);
        boolean ports = protocol == IpProtocol.TCP || protocol == IpProtocol.UDP || one(10);
        boolean icmp = protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6 || one(20);
        boolean flags = protocol == IpProtocol.TCP && one(3);
        int mask = flags ? random.nextInt(256) : 0;
        return new Match(
                protocol,
                one(2) ? null : addresses(),
                one(2) ? null : addresses(),
                one(5) ? MACS[random.nextInt(MACS.length)] : Match.ANY,
                one(5) ? MACS[random.nextInt(MACS.length)] : Match.ANY,
                ports && one(3) ? ranges() : List.of(),
                ports && !one(3) ? ranges() : List.of(),
                icmp && one(2) ? range(new int[] {0, 3, 8, 128, 129, 135}) : null,
                icmp && one(4) ? range(new int[] {0, 1}) : null,
                mask,
                mask & random.nextInt(256));
    }

    private AddressSet addresses() {
        List<Network> networks = new ArrayList<>();
        int count = one(4) ? random.nextInt(5) : 1;
        boolean ipv6 = random.nextBoolean();
        for (int i = 0; i < count; i++) {
            ipv6 ^= one(8);
            byte[] address = Reader.bytes(pick(ipv6 ? ADDRESSES_6 : ADDRESSES_4));
            networks.add(Network.of(address, random.nextInt(address.length * 8 + 1)));
        }
        return new AddressSet(networks);
    }

    private List<Range> ranges() {
        return IntStream.range(0, 1 + random.nextInt(2))
                .mapToObj(i -> range(PORTS))
                .toList();
    }

    private Range range(int[] values) {
        int one = pick(values);
        int other = one(2) ? one : pick(values);
        return new Range(Math.min(one, other), Math.max(one, other));
    }

    Frame frame() {
        int protocol = PROTOCOLS[1 + random.nextInt(PROTOCOLS.length - 1)];
        int family = protocol >= Match.ARP ? 0 : random.nextBoolean() ? 4 : 6;
        String[] addresses = family == 6 ? ADDRESSES_6 : ADDRESSES_4;
        long destinationMac = MACS[random.nextInt(MACS.length)];
        return new Frame(
                family,
                protocol,
                pick(addresses),
                pick(addresses),
                pick(PORTS),
                pick(PORTS),
                pick(new int[] {0, 3, 8, 128, 129, 135}),
                random.nextInt(256) & ~TcpHeader.URG,
                MACS[random.nextInt(MACS.length - 1)],
                protocol == Match.ARP ? 0xffff_ffff_ffffL : destinationMac,
                family != 0 && one(10));
    }

    /** The place of the first match that holds, found one by one. */
    static int first(List<Match> matches, Frame frame) {
        for (int i = 0; i < matches.size(); i++) {
            if (holds(matches.get(i), frame)) {
                return i;
            }
        }
        return Matcher.NONE;
    }

    private static boolean holds(Match match, Frame frame) {
        boolean tcp = frame.protocol == IpProtocol.TCP && !frame.laterFragment;
        boolean ports = tcp || (frame.protocol == IpProtocol.UDP && !frame.laterFragment);
        boolean icmp =
                (frame.protocol == IpProtocol.ICMP || frame.protocol == IpProtocol.ICMPV6) && !frame.laterFragment;
        return (match.protocol() == Match.ANY || match.protocol() == frame.protocol)
                && holds(match.source(), frame.family, frame.source)
                && holds(match.destination(), frame.family, frame.destination)
                && (match.sourceMac() == Match.ANY || match.sourceMac() == frame.sourceMac)
                && (match.destinationMac() == Match.ANY || match.destinationMac() == frame.destinationMac)
                && holds(match.sourcePorts(), ports, frame.sourcePort)
                && holds(match.destinationPorts(), ports, frame.destinationPort)
                && (match.tcpFlagsMask() == 0 || (tcp && (frame.flags & match.tcpFlagsMask()) == match.tcpFlags()))
                && holds(match.icmpTypes(), icmp, frame.icmpType)
                && holds(match.icmpCodes(), icmp, 0);
    }

    private static boolean holds(@Nullable AddressSet set, int family, String address) {
        if (set == null) {
            return true;
        }
        byte[] bytes = Reader.bytes(address);
        return family != 0
                && set.networks().stream()
                        .anyMatch(network -> network.family() == family
                                && Network.of(bytes, network.length()).equals(network));
    }

    private static boolean holds(List<Range> ranges, boolean known, int number) {
        return ranges.isEmpty()
                || (known && ranges.stream().anyMatch(range -> range.first() <= number && number <= range.last()));
    }

    private static boolean holds(@Nullable Range range, boolean known, int number) {
        return holds(range == null ? List.of() : List.of(range), known, number);
    }

    private boolean one(int of) {
        return random.nextInt(of) == 0;
    }

    private int pick(int[] values) {
        return values[random.nextInt(values.length)];
    }

    private String pick(String[] values) {
        return values[random.nextInt(values.length)];
    }
}
