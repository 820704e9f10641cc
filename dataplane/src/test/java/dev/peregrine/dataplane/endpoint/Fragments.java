package dev.peregrine.dataplane.endpoint;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Fragments of the IP packet in a frame, cut and put together by other code than the endpoint's. */
public final class Fragments {
    private static final int ETHERNET = 14;
    private static final int FRAGMENT_HEADER = 44;

    private Fragments() {}

    /** Cuts a frame in fragments of {@code size} bytes of data, a multiple of 8; the last has the rest. */
    public static List<byte[]> cut(byte[] frame, int size, int id) {
        List<byte[]> fragments = new ArrayList<>();
        int transport = Frames.transport(frame);
        for (int at = transport; at < frame.length; at += size) {
            int end = Math.min(frame.length, at + size);
            fragments.add(of(frame, at - transport, Arrays.copyOfRange(frame, at, end), end < frame.length, id));
        }
        return fragments;
    }

    /** One fragment with the headers of a frame. */
    public static byte[] of(byte[] frame, int offset, byte[] data, boolean more, int id) {
        boolean ipv6 = Frames.etherType(frame) == 0x86dd;
        int transport = Frames.transport(frame);
        ByteBuffer fragment = ByteBuffer.allocate(transport + (ipv6 ? 8 : 0) + data.length);
        fragment.put(frame, 0, transport);
        if (ipv6) {
            fragment.put(ETHERNET + 6, (byte) FRAGMENT_HEADER);
            fragment.putShort(ETHERNET + 4, (short) (8 + data.length));
            fragment.put(frame[ETHERNET + 6]).put((byte) 0).putShort((short) (offset | (more ? 1 : 0)));
            return fragment.putInt(id).put(data).array();
        }
        fragment.putShort(ETHERNET + 2, (short) (20 + data.length));
        fragment.putShort(ETHERNET + 4, (short) id);
        fragment.putShort(ETHERNET + 6, (short) (offset >> 3 | (more ? 0x2000 : 0)));
        byte[] bytes = fragment.put(data).array();
        Frames.fillIpv4Checksum(bytes);
        return bytes;
    }

    /** The frame that fragments in order make up; an exception where something is missing or does not belong. */
    public static byte[] join(List<byte[]> fragments) {
        byte[] first = fragments.getFirst();
        boolean ipv6 = Frames.etherType(first) == 0x86dd;
        int transport = Frames.transport(first);
        int headers = transport + (ipv6 ? 8 : 0);
        ByteBuffer whole = ByteBuffer.allocate(1 << 17).put(first, 0, transport);
        for (int i = 0; i < fragments.size(); i++) {
            byte[] fragment = fragments.get(i);
            boolean last = i == fragments.size() - 1;
            int bits = Frames.getShort(fragment, ipv6 ? transport + 2 : ETHERNET + 6);
            int offset = whole.position() - transport;
            int expected = ipv6 ? offset | (last ? 0 : 1) : offset >> 3 | (last ? 0 : 0x2000);
            boolean fits =
                    bits == expected && id(fragment) == id(first) && (last || (fragment.length - headers) % 8 == 0);
            int length = Frames.getShort(fragment, ETHERNET + (ipv6 ? 4 : 2)) + (ipv6 ? 40 : 0);
            if (!fits || length != fragment.length - ETHERNET) {
                throw new AssertionError("bits %04x at %d, length %d".formatted(bits, offset, length));
            }
            whole.put(fragment, headers, fragment.length - headers);
        }
        byte[] frame = Arrays.copyOf(whole.array(), whole.position());
        if (ipv6) {
            frame[ETHERNET + 6] = first[transport];
            Frames.putShort(frame, ETHERNET + 4, frame.length - ETHERNET - 40);
        } else {
            Frames.putShort(frame, ETHERNET + 2, frame.length - ETHERNET);
            Frames.putShort(frame, ETHERNET + 6, 0);
            Frames.fillIpv4Checksum(frame);
        }
        return frame;
    }

    /** The identification. */
    public static int id(byte[] fragment) {
        return Frames.etherType(fragment) == 0x86dd
                ? ByteBuffer.wrap(fragment).getInt(ETHERNET + 44)
                : Frames.getShort(fragment, ETHERNET + 4);
    }
}
