package dev.peregrine.testkit;

import dev.peregrine.dataplane.testing.FrameBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Frames of several TCP and UDP flows over IPv4 and IPv6, in runs that a receiver may merge. Among them are frames that
 * must not be merged or changed: other TOS and TTL, flags, wrong and absent checksums. Not thread-safe.
 */
public final class MixedFlows {
    private static final int LONGEST_RUN = 40;
    private static final int LARGEST_PAYLOAD = 1400;
    private static final int FIRST_PORT = 2000;
    private static final int ACK = 0x10;
    private static final int ACK_AND_PSH = 0x18;

    private final Gen gen;
    private final long destination;
    private final long source;
    private final int[] ids;
    private final int[] sequences;

    /** Flows between two MACs. */
    public MixedFlows(Gen gen, long destination, long source, int flows) {
        this.gen = gen;
        this.destination = destination;
        this.source = source;
        ids = new int[flows];
        sequences = new int[flows];
        for (int flow = 0; flow < flows; flow++) {
            ids[flow] = gen.below(1 << 16);
            sequences[flow] = gen.below(Integer.MAX_VALUE) * 2;
        }
    }

    /** At least {@code least} frames: runs of one flow each, some of them with frames of another flow in between. */
    public List<byte[]> frames(int least) {
        List<byte[]> frames = new ArrayList<>();
        while (frames.size() < least) {
            int flow = gen.below(ids.length);
            int size = 1 + gen.below(LARGEST_PAYLOAD);
            int length = 1 + gen.below(LONGEST_RUN);
            for (int i = 1; i <= length; i++) {
                if (gen.oneIn(30)) {
                    frames.add(frame(gen.below(ids.length), 1 + gen.below(LARGEST_PAYLOAD), ACK));
                }
                boolean last = i == length;
                frames.add(frame(flow, last ? 1 + gen.below(size) : size, last ? ACK_AND_PSH : ACK));
            }
        }
        return frames;
    }

    private byte[] frame(int flow, int payload, int flags) {
        FrameBuilder builder = switch (flow % 4) {
            case 0 -> FrameBuilder.tcp4();
            case 1 -> FrameBuilder.udp4();
            case 2 -> FrameBuilder.tcp6();
            default -> FrameBuilder.udp6();
        };
        builder.macs(destination, source)
                .ports(FIRST_PORT + flow, 80)
                .id(ids[flow]++ & 0xffff)
                .sequence(sequences[flow])
                .flags(flags)
                .payload(gen.bytes(payload));
        sequences[flow] += payload;
        if (flow % 8 < 4) {
            builder.dontFragment();
        }
        vary(builder);
        return builder.build();
    }

    private void vary(FrameBuilder builder) {
        switch (gen.below(120)) {
            case 0 -> builder.tos(0xb8);
            case 1 -> builder.ttl(3);
            case 2 -> builder.flags(gen.below(64));
            case 3 -> builder.window(gen.below(1 << 16));
            case 4 -> builder.acknowledgment(gen.below(1 << 16));
            case 5 -> builder.wrongChecksum();
            case 6 -> builder.zeroChecksum();
            default -> {}
        }
    }

    /**
     * Where two lists of frames differ, flow by flow, each in its order; empty where they do not. The identification of
     * IPv4 packets that must not be fragmented means nothing (RFC 6864 section 4) and is not compared.
     */
    public static String difference(List<byte[]> expected, List<byte[]> actual) {
        Map<Integer, List<byte[]>> left = byFlow(expected);
        Map<Integer, List<byte[]>> right = byFlow(actual);
        for (int flow : left.keySet()) {
            List<byte[]> others = right.getOrDefault(flow, List.of());
            List<byte[]> frames = left.getOrDefault(flow, List.of());
            for (int i = 0; i < Math.min(frames.size(), others.size()); i++) {
                int at = Arrays.mismatch(comparable(frames.get(i)), comparable(others.get(i)));
                if (at >= 0) {
                    return "flow %d, frame %d of %d differs at byte %d: %s became %s"
                            .formatted(flow, i, frames.size(), at, headers(frames, i), headers(others, i));
                }
            }
            if (frames.size() != others.size()) {
                return "flow %d: %d frames became %d".formatted(flow, frames.size(), others.size());
            }
        }
        return left.keySet().equals(right.keySet()) ? "" : "flows " + left.keySet() + " became " + right.keySet();
    }

    private static Map<Integer, List<byte[]>> byFlow(List<byte[]> frames) {
        Map<Integer, List<byte[]>> flows = new TreeMap<>();
        for (byte[] frame : frames) {
            int transport = isIpv4(frame) ? 14 + 20 : 14 + 40;
            int port = ByteBuffer.wrap(frame).getShort(transport) & 0xffff;
            flows.computeIfAbsent(port, any -> new ArrayList<>()).add(frame);
        }
        return flows;
    }

    /** Network and transport headers of a frame and of its neighbours. */
    private static List<String> headers(List<byte[]> frames, int i) {
        return frames.subList(Math.max(0, i - 2), Math.min(frames.size(), i + 3)).stream()
                .map(frame -> HexFormat.of().formatHex(frame, 14, Math.min(frame.length, isIpv4(frame) ? 54 : 74)))
                .toList();
    }

    private static boolean isIpv4(byte[] frame) {
        return frame[12] == 0x08;
    }

    private static byte[] comparable(byte[] frame) {
        if (!isIpv4(frame) || (frame[14 + 6] & 0x40) == 0) {
            return frame;
        }
        return ByteBuffer.wrap(frame.clone())
                .putShort(14 + 4, (short) 0)
                .putShort(14 + 10, (short) 0)
                .array();
    }
}
