package dev.peregrine.testkit;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Seed;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Random inputs from one seed, which {@link #toString} returns, so that a failure can be repeated: well-formed frames,
 * damaged ones and garbage. Not thread-safe.
 */
public final class Gen {
    /** Bytes that the largest headers of {@link #frame} take of the MTU. */
    private static final int HEADERS = 60;

    private static final int DAMAGED_BYTES = 90;

    private final Seed seed;
    private final RandomGenerator random;

    /** A generator that starts from a seed. */
    public Gen(Seed seed) {
        this.seed = seed;
        random = seed.random();
    }

    /** A generator that differs in each run, unless the run repeats an old seed. */
    public static Gen ofThisRun() {
        return new Gen(Seed.ofThisRun());
    }

    /** A number from 0 to below {@code bound}. */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    /** True once in {@code n} times. */
    public boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    /** One of the options. */
    public long oneOf(long... options) {
        return options[random.nextInt(options.length)];
    }

    /** Random bytes. */
    public byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** A unicast MAC, locally administered. */
    public long mac() {
        return 0x0200_0000_0000L | random.nextLong(1L << 40);
    }

    /** A UDP or TCP packet over IPv4 or IPv6 with random addresses, ports and TOS, to be finished by the caller. */
    public FrameBuilder transport(long destination, long source) {
        FrameBuilder builder = switch (below(4)) {
            case 0 -> FrameBuilder.udp4().addresses(ipv4(), ipv4());
            case 1 -> FrameBuilder.udp6().addresses(ipv6(), ipv6());
            case 2 -> FrameBuilder.tcp4().addresses(ipv4(), ipv4()).sequence(random.nextInt());
            default -> FrameBuilder.tcp6().addresses(ipv6(), ipv6()).sequence(random.nextInt());
        };
        return builder.macs(destination, source)
                .ports(below(1 << 16), below(1 << 16))
                .tos(below(1 << 8));
    }

    private FrameBuilder otherIp() {
        int protocol = (int) oneOf(2, 47, 50, 132, 255);
        return oneIn(2) ? FrameBuilder.ip(protocol, ipv4(), ipv4()) : FrameBuilder.ip(protocol, ipv6(), ipv6());
    }

    private String ipv4() {
        return "10." + below(256) + "." + below(256) + "." + below(256);
    }

    private String ipv6() {
        return "fd00::" + Integer.toHexString(below(1 << 16)) + ":" + Integer.toHexString(below(1 << 16));
    }

    /** A well-formed frame of any common kind, with at most {@code mtu} bytes behind its Ethernet header. */
    public byte[] frame(long destination, long source, int mtu) {
        byte[] payload = bytes(oneIn(4) ? mtu - HEADERS : below(mtu - HEADERS + 1));
        return switch (below(8)) {
            case 0 ->
                FrameBuilder.echo4().macs(destination, source).payload(payload).build();
            case 1 ->
                FrameBuilder.echo6().macs(destination, source).payload(payload).build();
            case 2 -> otherIp().macs(destination, source).payload(payload).build();
            case 3 -> FrameBuilder.ethernet(destination, source, (int) oneOf(0x88cc, 0x8847, 0x05dc), payload);
            case 4 -> arp(destination, source);
            default -> transport(destination, source).payload(payload).build();
        };
    }

    private byte[] arp(long destination, long source) {
        byte[] frame = FrameBuilder.arp(1, source, ipv4(), 0, ipv4());
        for (int i = 0; i < 6; i++) {
            frame[i] = (byte) (destination >>> (40 - 8 * i));
        }
        return frame;
    }

    /** The bytes with some of them changed, cut off or added: nearly valid. */
    public byte[] damaged(byte[] valid) {
        return switch (below(4)) {
            case 0 -> Arrays.copyOf(valid, below(valid.length + 1));
            case 1 -> Arrays.copyOf(valid, valid.length + below(64));
            case 2 -> withBitsFlipped(valid);
            default -> withNoise(valid);
        };
    }

    private byte[] withBitsFlipped(byte[] valid) {
        byte[] bytes = valid.clone();
        for (int i = below(4); i >= 0 && bytes.length > 0; i--) {
            bytes[below(Math.min(bytes.length, DAMAGED_BYTES))] ^= (byte) (1 << below(8));
        }
        return bytes;
    }

    private byte[] withNoise(byte[] valid) {
        byte[] bytes = valid.clone();
        int at = below(Math.min(bytes.length, DAMAGED_BYTES) + 1);
        byte[] noise = bytes(Math.min(bytes.length - at, 1 + below(8)));
        System.arraycopy(noise, 0, bytes, at, noise.length);
        return bytes;
    }

    /** Bytes without any sense, up to {@code most} of them. */
    public byte[] garbage(int most) {
        return bytes(below(most + 1));
    }

    @Override
    public String toString() {
        return seed.toString();
    }
}
