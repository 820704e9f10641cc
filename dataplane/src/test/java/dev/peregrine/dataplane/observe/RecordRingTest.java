package dev.peregrine.dataplane.observe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.NativeMemory;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RecordRingTest {
    private static final int CAPACITY = 256;

    private static boolean write(RecordRing ring, byte[] bytes) {
        long at = ring.claim(bytes.length);
        if (at == 0) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            NativeMemory.putByte(at + i, bytes[i]);
        }
        ring.publish();
        return true;
    }

    private static byte[] bytes(ByteBuffer record) {
        byte[] bytes = new byte[record.remaining()];
        record.get(bytes);
        return bytes;
    }

    @SeededTest
    void itIsAQueueOfBoundedBytes() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        Deque<byte[]> model = new ArrayDeque<>();
        long missed = 0;
        try (RecordRing ring = new RecordRing(CAPACITY)) {
            for (int i = 0; i < 20_000; i++) {
                if (random.nextInt(5) < 3) {
                    byte[] bytes = new byte[random.nextInt(random.nextInt(20) == 0 ? CAPACITY * 2 : 60)];
                    random.nextBytes(bytes);
                    if (write(ring, bytes)) {
                        model.add(bytes);
                    } else {
                        missed++;
                        boolean isLong = 2 * (bytes.length + 16) > CAPACITY;
                        assertTrue(isLong || !model.isEmpty(), seed + " refused with room left");
                    }
                } else {
                    List<byte[]> read = new ArrayList<>();
                    int count = ring.read(record -> read.add(bytes(record)), random.nextInt(1, 4));
                    assertEquals(read.size(), count);
                    for (byte[] record : read) {
                        assertArrayEquals(model.remove(), record, seed.toString());
                    }
                }
                assertEquals(missed, ring.missed(), seed.toString());
            }
        }
        assertTrue(missed > 0, seed + " it was never full");
    }

    @Test
    @Timeout(60)
    void twoThreadsLoseNothingAndKeepTheOrder() throws Exception {
        long records = 300_000;
        try (RecordRing ring = new RecordRing(1 << 12)) {
            Thread writer = Thread.ofPlatform().start(() -> {
                for (long i = 0; i < records; ) {
                    int length = Long.BYTES + (int) (i * 7 % 90);
                    long at = ring.claim(length);
                    if (at == 0) {
                        Thread.onSpinWait();
                        continue;
                    }
                    NativeMemory.putNetworkLong(at, i);
                    NativeMemory.putByte(at + length - 1, (int) i);
                    ring.publish();
                    i++;
                }
            });
            long[] next = new long[1];
            while (next[0] < records) {
                ring.read(
                        record -> {
                            long expected = next[0]++;
                            int length = Long.BYTES + (int) (expected * 7 % 90);
                            assertEquals(length, record.limit());
                            if (length > Long.BYTES) {
                                assertEquals(expected, record.getLong(0));
                            }
                            assertEquals((byte) expected, record.get(length - 1));
                        },
                        64);
            }
            writer.join();
        }
    }

    @Test
    void aRecordThatIsLongerThanTheRingIsMissed() {
        try (RecordRing ring = new RecordRing(64)) {
            assertEquals(0, ring.claim(57));
            assertNotEquals(0, ring.claim(56));
            assertEquals(1, ring.missed());
        }
    }

    @Test
    @SuppressWarnings("resource")
    void theCapacityIsAPowerOfTwo() {
        assertThrows(IllegalArgumentException.class, () -> new RecordRing(100));
    }
}
