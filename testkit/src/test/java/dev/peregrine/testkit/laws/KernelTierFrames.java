package dev.peregrine.testkit.laws;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.IpAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The frames of {@link KernelTierTest}, and what a kernel of the books makes of them. */
final class KernelTierFrames {
    private KernelTierFrames() {}

    /** A flow from a VTEP, or from the workload of port 0, and the frames that it may have. */
    record Flow(int vtep, int segment, int kind, long source, int tag, int number) {
        static Flow of(Gen gen, int number) {
            int segment = gen.below(2);
            int tag = segment == 1 && gen.oneIn(3) ? 1 + gen.below(4094) : 0;
            return new Flow(gen.below(2), segment, gen.below(6), gen.mac(), tag, number);
        }

        FrameBuilder frame(Gen gen, long destination, long from) {
            FrameBuilder frame = switch (kind) {
                case 0 -> FrameBuilder.udp4();
                case 1 -> FrameBuilder.tcp4();
                case 2 -> FrameBuilder.echo4().icmpType(gen.oneIn(2) ? 0 : 8).echoId(number);
                case 3 -> FrameBuilder.udp6();
                case 4 -> FrameBuilder.tcp6();
                default ->
                    FrameBuilder.echo6().icmpType(gen.oneIn(2) ? 128 : 129).echoId(number);
            };
            if (tag > 0) {
                frame.tag(number % 2 == 0 ? 0x8100 : 0x88a8, tag);
            }
            frame.macs(destination, from)
                    .ports(1000 + number, 2000)
                    .tos(gen.below(256))
                    .ttl(gen.below(256));
            if (gen.oneIn(20)) {
                frame.flags(gen.below(256));
            }
            if (gen.oneIn(30)) {
                frame.fragmentBits(gen.below(1 << 16));
            }
            if (gen.oneIn(30)) {
                frame.ipOptions(new byte[4]);
            }
            if (gen.oneIn(20)) {
                frame.padding(gen.below(30));
            }
            return frame.payload(gen.oneIn(10) ? 1300 + gen.below(120) : gen.below(200));
        }
    }

    static byte[] outer(Gen gen, KernelTierWorld world, Flow flow, boolean ipv6) {
        byte[] inner = flow.frame(gen, KernelTierWorld.WORKLOADS[flow.segment], flow.source)
                .build();
        byte[] payload = World.vxlan(KernelTierWorld.VNIS[flow.segment], inner);
        FrameBuilder outer = ipv6 ? FrameBuilder.udp6() : FrameBuilder.udp4();
        if (!ipv6 || gen.oneIn(2)) {
            outer.zeroChecksum();
        }
        byte[] frame = outer.macs(0, 0x0200_0000_0001L)
                .addresses(world.vteps[flow.vtep].getHostAddress(), world.local.getHostAddress())
                .ports(50_000 + flow.number, KernelTierWorld.PORT)
                .tos(gen.oneIn(2) ? gen.below(256) : 0)
                .payload(payload)
                .build();
        if (gen.oneIn(30)) { // without a length: right over IPv6 only
            int length = outerBytes(world) - 4;
            frame[length] = 0;
            frame[length + 1] = 0;
        }
        return frame;
    }

    /**
     * Whether the transport checksum is that of the pseudo-header, as a kernel leaves it to a card. The chain fills it
     * in; between programs, the kernel knows by itself whether it is to be filled.
     */
    static boolean isUnfilled(byte[] frame) {
        boolean isIpv4 = Reference.getShort(frame, 12) == 0x0800;
        int protocol = frame[isIpv4 ? 23 : 20] & 0xff;
        int transport = 14 + (isIpv4 ? 20 : 40);
        int at = transport + (protocol == 6 ? 16 : 6);
        if (frame.length < at + 2 || (protocol != 6 && protocol != 17)) {
            return false;
        }
        int length = isIpv4 ? Reference.getShort(frame, 16) - 20 : Reference.getShort(frame, 18);
        int sum = Reference.pseudoHeader(frame, isIpv4 ? 26 : 22, isIpv4 ? 34 : 54, protocol, length);
        return Reference.getShort(frame, at) == sum;
    }

    /** The order counter of the datagram in a frame, whether it is one or not. */
    static int order(KernelTierWorld world, byte[] frame) {
        boolean isIpv4 = Reference.getShort(frame, 12) == 0x0800;
        int source = isIpv4 ? 26 : 22;
        int port = isIpv4 ? 34 : 54;
        if (frame.length < port + 2) {
            return 0;
        }
        IpAddress from = address(Arrays.copyOfRange(frame, source, source + (isIpv4 ? 4 : 16)));
        return world.tables.order(from.high(), from.low(), Reference.getShort(frame, port));
    }

    /** The kernel's test wants the fixed header of an IP frame. */
    static boolean canRun(byte[] frame) {
        return switch (Reference.getShort(frame, 12)) {
            case 0x0800 -> frame.length >= 14 + 20;
            case 0x86dd -> frame.length >= 14 + 40;
            default -> true;
        };
    }

    /** Bytes before the payload of a datagram without IP options. */
    static int outerBytes(KernelTierWorld world) {
        return world.local.getAddress().length == 4 ? 42 : 62;
    }

    /** The datagram that the kernel gives a socket of a frame, or null: RFC 791, RFC 8200 and RFC 768 in short. */
    static @Nullable Datagram received(byte[] frame, KernelTierWorld world) {
        if (frame.length < 14 + 28 || Arrays.mismatch(frame, 0, 6, new byte[6], 0, 6) >= 0) {
            return null;
        }
        int type = Reference.getShort(frame, 12);
        int udp;
        int end;
        int tos;
        int addressBytes;
        int source;
        if (type == 0x0800 && frame[14] >>> 4 == 4) {
            int header = (frame[14] & 15) * 4;
            udp = 14 + header;
            end = 14 + Reference.getShort(frame, 16);
            if (header < 20
                    || end > frame.length
                    || end < udp + 8
                    || frame[23] != 17
                    || (Reference.getShort(frame, 20) & 0x3fff) != 0
                    || Reference.sum(frame, 14, udp, 0) != 0xffff) {
                return null;
            }
            tos = frame[15] & 0xff;
            addressBytes = 4;
            source = 26;
        } else if (type == 0x86dd && (frame[14] & 0xff) >>> 4 == 6 && frame.length >= 14 + 48) {
            udp = 54;
            end = 54 + Reference.getShort(frame, 18);
            if (end > frame.length || end < udp + 8 || frame[20] != 17) {
                return null;
            }
            tos = Reference.getShort(frame, 14) >>> 4 & 0xff;
            addressBytes = 16;
            source = 22;
        } else {
            return null;
        }
        int length = Reference.getShort(frame, udp + 4);
        if (length == 0 && type == 0x86dd) { // RFC 2675: all there is
            length = end - udp;
        }
        byte[] to = Arrays.copyOfRange(frame, source + addressBytes, source + 2 * addressBytes);
        if (length < 8
                || udp + length > end
                || Reference.getShort(frame, udp + 2) != KernelTierWorld.PORT
                || !Arrays.equals(to, world.local.getAddress())) {
            return null;
        }
        IpAddress from = address(Arrays.copyOfRange(frame, source, source + addressBytes));
        byte[] payload = Arrays.copyOfRange(frame, udp + 8, udp + length);
        return new Datagram(from, IpAddress.of(world.local), 50_000, tos, 64, payload);
    }

    private static IpAddress address(byte[] bytes) {
        try {
            return IpAddress.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** A segment of TCP that opens or closes a connection has no key; its flow has. */
    static byte[] open(byte[] frame) {
        boolean isIpv4 = Reference.getShort(frame, 12) == 0x0800;
        int flags = 14 + (isIpv4 ? 20 : 40) + 13;
        if (frame.length <= flags || frame[isIpv4 ? 23 : 20] != 6) {
            return frame;
        }
        byte[] opened = frame.clone();
        opened[flags] = 0x10;
        return opened;
    }
}
