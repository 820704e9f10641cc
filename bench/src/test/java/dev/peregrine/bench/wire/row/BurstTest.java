package dev.peregrine.bench.wire.row;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.bench.wire.lab.Lab;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BurstTest {
    private static final int COUNT = 3;
    private static final int PAYLOAD = 19;
    private static final int SIZE = 50 + PAYLOAD;
    private static final int IPV4 = 22;
    private static final int UDP = 42;

    private final Arena arena = Arena.ofConfined();
    private final Burst burst = new Burst(arena, true, COUNT, PAYLOAD, 5);
    private final ByteBuffer bytes = burst.memory().asByteBuffer();

    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void carriesVxlanAndAWholeFrame() {
        assertEquals(COUNT * SIZE, bytes.capacity());
        assertEquals(SIZE, burst.size());
        for (int at = 0; at < COUNT * SIZE; at += SIZE) {
            assertEquals(0x0800_0000_0000_2a00L, bytes.getLong(at));
            assertEquals(0x0200_0000_0002L, bytes.getLong(at + 8) >>> 16);
            assertEquals(0x0200_0000_0001L, bytes.getLong(at + 12) & 0xffff_ffff_ffffL);
            assertEquals(0x0800, bytes.getShort(at + 20));
            assertEquals(28 + PAYLOAD, bytes.getShort(at + IPV4 + 2));
            assertEquals(0x4000, bytes.getShort(at + IPV4 + 6));
            assertEquals(20_005, bytes.getShort(at + UDP));
            assertEquals(Lab.PORT, bytes.getShort(at + UDP + 2));
            assertEquals(8 + PAYLOAD, bytes.getShort(at + UDP + 4));
        }
    }

    @Test
    void fillsInBothChecksums() {
        burst.advance();
        burst.advance();
        for (int at = 0; at < COUNT * SIZE; at += SIZE) {
            assertEquals(0xffff, sum(at + IPV4, 20, 0));
            int pseudoHeader = 17 + 8 + PAYLOAD;
            assertEquals(0xffff, sum(at + IPV4 + 12, 8 + 8 + PAYLOAD, pseudoHeader));
        }
    }

    @Test
    void countsIdsFromPacketToPacketAndRoundTheEnd() {
        int expected = 0;
        for (int turn = 0; turn < 0x10000 / COUNT + 2; turn++) {
            burst.advance();
            for (int i = 0; i < COUNT; i++) {
                assertEquals(expected++ & 0xffff, bytes.getShort(i * SIZE + IPV4 + 4) & 0xffff);
            }
        }
        assertEquals(0xffff, sum(IPV4, 20, 0));
    }

    @Test
    void isJustThePayloadWithoutAnOverlay() {
        Burst plain = new Burst(arena, false, COUNT, PAYLOAD, 0);
        plain.advance();
        assertEquals(PAYLOAD, plain.size());
        assertEquals(COUNT * PAYLOAD, plain.memory().byteSize());
    }

    /** RFC 1071, slowly; 0xffff where a checksum is among the bytes and right. */
    private int sum(int position, int length, int start) {
        int sum = start;
        for (int i = 0; i < length; i++) {
            sum += (bytes.get(position + i) & 0xff) << (i % 2 == 0 ? 8 : 0);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }
}
