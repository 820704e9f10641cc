package dev.peregrine.gateway.live.traffic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads a pcapng file by the draft, without a line of the code that writes it. */
public final class PcapngFile {
    private PcapngFile() {}

    /** A frame: where it was seen, in which direction (1 in, 2 out), its bytes, and what is said of it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Frame(String device, int direction, long nanos, int wireLength, byte[] bytes, String comment) {}

    /** All frames that are there now, in the file's order. */
    public static List<Frame> read(Path file) {
        ByteBuffer in;
        try {
            in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Frame> frames = new ArrayList<>();
        List<String> devices = new ArrayList<>();
        while (in.remaining() >= 12) {
            int at = in.position();
            int length = in.getInt(at + 4);
            if (length > in.remaining()) break; // it is being written
            if (in.getInt(at + length - 4) != length) throw new AssertionError("block at " + at + " has two lengths");
            switch (in.getInt(at)) {
                case 0x0a0d_0d0a -> {
                    if (in.getInt(at + 8) != 0x1a2b_3c4d) throw new AssertionError("byte order");
                }
                case 1 -> devices.add(text(in, option(in, at + 16, at + length - 4, 2)));
                case 6 -> frames.add(frame(in, at, length, devices));
                default -> throw new AssertionError("block type " + in.getInt(at));
            }
            in.position(at + length);
        }
        return frames;
    }

    private static Frame frame(ByteBuffer in, int at, int length, List<String> devices) {
        long nanos = ((long) in.getInt(at + 12) << 32) | (in.getInt(at + 16) & 0xffff_ffffL);
        byte[] bytes = new byte[in.getInt(at + 20)];
        in.get(at + 28, bytes);
        int options = at + 28 + ((bytes.length + 3) & -4);
        int flags = option(in, options, at + length - 4, 2);
        return new Frame(
                devices.get(in.getInt(at + 8)),
                flags < 0 ? 0 : in.getInt(flags + 4),
                nanos,
                in.getInt(at + 24),
                bytes,
                text(in, option(in, options, at + length - 4, 1)));
    }

    /** Where an option with a code begins; -1 when there is none. */
    private static int option(ByteBuffer in, int from, int to, int code) {
        for (int at = from; at + 4 <= to; at += 4 + (((in.getShort(at + 2) & 0xffff) + 3) & -4)) {
            if (in.getShort(at) == 0) return -1;
            if (in.getShort(at) == code) return at;
        }
        return -1;
    }

    private static String text(ByteBuffer in, int option) {
        if (option < 0) return "";
        byte[] bytes = new byte[in.getShort(option + 2) & 0xffff];
        in.get(option + 4, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
