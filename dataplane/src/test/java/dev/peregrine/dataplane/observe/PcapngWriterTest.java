package dev.peregrine.dataplane.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class PcapngWriterTest {
    private static final long NANOS = 0x0102_0304_0506_0708L;

    private static String hex(String... parts) {
        return String.join("", parts).replace(" ", "");
    }

    @Test
    void theBytesAreThoseOfTheDraft() {
        PcapngWriter writer = new PcapngWriter("me", 96);
        writer.frame("web", NANOS, 2, 3, new byte[] {(byte) 0xaa}, ByteBuffer.wrap(new byte[] {1, 2, 3}), "why");
        writer.frame("web", NANOS, 0, 9, new byte[0], ByteBuffer.wrap(new byte[] {7}), null);
        assertEquals(2, writer.takeCount());
        assertEquals(
                hex(
                        "0a0d0d0a 28000000 4d3c2b1a 0100 0000 ffffffffffffffff",
                        "0400 0200 6d650000 00000000 28000000",
                        "01000000 28000000 0100 0000 60000000",
                        "0200 0300 77656200 0900 0100 09000000 00000000 28000000",
                        "06000000 38000000 00000000 04030201 08070605 04000000 04000000 aa010203",
                        "0200 0400 02000000 0100 0300 77687900 00000000 38000000",
                        "06000000 28000000 00000000 04030201 08070605 01000000 09000000 07000000",
                        "00000000 28000000"),
                HexFormat.of().formatHex(writer.take()));
        assertEquals(0, writer.size());
        assertEquals(0, writer.takeCount());
    }

    @Test
    void longFramesAndSecondInterfacesFit() {
        PcapngWriter writer = new PcapngWriter("me", 1 << 18);
        writer.take();
        writer.frame("a", 0, 1, 70_000, new byte[42], ByteBuffer.allocate(70_000), null);
        writer.frame("b", 0, 1, 5, new byte[0], ByteBuffer.allocate(5), "x".repeat(5_000));
        byte[] bytes = writer.take();
        ByteBuffer blocks = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int[] types = {1, 6, 1, 6};
        int at = 0;
        for (int type : types) {
            assertEquals(type, blocks.getInt(at));
            int length = blocks.getInt(at + 4);
            assertEquals(length, blocks.getInt(at + length - 4));
            at += length;
        }
        assertEquals(bytes.length, at);
    }
}
