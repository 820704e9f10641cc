package dev.peregrine.testkit;

import dev.peregrine.dataplane.linux.sys.MappedAddress;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Capture files with Ethernet frames and nanoseconds, as tcpdump and Wireshark read them: the classic format of
 * libpcap.
 *
 * <pre>
 * file     0xa1b23c4d  version 2.4  zone 0  accuracy 0  longest 262144  link type 1
 * record   seconds  nanoseconds  captured length  length  bytes               (all u32, little-endian)
 * </pre>
 */
public final class Pcap {
    private static final int MAGIC = 0xa1b2_3c4d;
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;
    private static final int LONGEST = 262_144;
    private static final int ETHERNET = 1;
    private static final long SECOND = 1_000_000_000L;

    private static final int ETHERNET_HEADER = 14;
    private static final int IPV4 = 0x0800;
    private static final int UDP_HEADER = 8;

    private Pcap() {}

    /**
     * A frame and the time at which it was seen.
     *
     * @param nanos since the beginning of the capture
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Frame(long nanos, byte[] bytes) {}

    /** Writes a file, in place of any that is there; its folders are made. */
    public static void write(Path file, List<Frame> frames) throws IOException {
        int length = FILE_HEADER
                + frames.stream()
                        .mapToInt(frame -> RECORD_HEADER + frame.bytes().length)
                        .sum();
        ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(MAGIC).putShort((short) 2).putShort((short) 4).putLong(0);
        out.putInt(LONGEST).putInt(ETHERNET);
        for (Frame frame : frames) {
            out.putInt((int) (frame.nanos() / SECOND)).putInt((int) (frame.nanos() % SECOND));
            out.putInt(frame.bytes().length).putInt(frame.bytes().length).put(frame.bytes());
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, out.array());
    }

    /** Reads a file that {@link #write} wrote. */
    public static List<Frame> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (in.remaining() < FILE_HEADER || in.getInt(0) != MAGIC || in.getInt(FILE_HEADER - 4) != ETHERNET) {
            throw new IOException(file + ": not a capture of Ethernet frames with nanoseconds");
        }
        in.position(FILE_HEADER);
        List<Frame> frames = new ArrayList<>();
        while (in.hasRemaining()) {
            long nanos = in.getInt() * SECOND + in.getInt();
            byte[] bytes = new byte[in.getInt()];
            in.getInt();
            in.get(bytes);
            frames.add(new Frame(nanos, bytes));
        }
        return frames;
    }

    /** A datagram as it would be on a wire: Ethernet, IP and UDP in front of it, with right checksums. */
    public static byte[] frame(Datagram datagram, int udpPort) {
        boolean ipv4 = datagram.source().isIpv4();
        return (ipv4 ? FrameBuilder.udp4() : FrameBuilder.udp6())
                .macs(mac(datagram.destination()), mac(datagram.source()))
                .addresses(datagram.source().toString(), datagram.destination().toString())
                .ports(datagram.sourcePort(), udpPort)
                .tos(datagram.tos())
                .ttl(datagram.ttl())
                .dontFragment()
                .payload(datagram.payload())
                .build();
    }

    private static long mac(IpAddress address) {
        return 0x0200_0000_0000L | (address.low() & 0xffff_ffffL);
    }

    /** The datagram in a frame that {@link #frame} made. */
    public static Datagram datagram(byte[] frame) {
        ByteBuffer in = ByteBuffer.wrap(frame);
        boolean ipv4 = (in.getShort(12) & 0xffff) == IPV4;
        int udp = ETHERNET_HEADER + (ipv4 ? 20 : 40);
        int tos = ipv4 ? frame[ETHERNET_HEADER + 1] & 0xff : in.getInt(ETHERNET_HEADER) >>> 20 & 0xff;
        int ttl = frame[ETHERNET_HEADER + (ipv4 ? 8 : 7)] & 0xff;
        int addresses = ETHERNET_HEADER + (ipv4 ? 12 : 8);
        return new Datagram(
                address(in, addresses, ipv4),
                address(in, addresses + (ipv4 ? 4 : 16), ipv4),
                in.getShort(udp) & 0xffff,
                tos,
                ttl,
                Arrays.copyOfRange(frame, udp + UDP_HEADER, udp + (in.getShort(udp + 4) & 0xffff)));
    }

    private static IpAddress address(ByteBuffer in, int at, boolean ipv4) {
        return ipv4
                ? new IpAddress(0, MappedAddress.low(in.getInt(at)))
                : new IpAddress(in.getLong(at), in.getLong(at + 8));
    }
}
