package dev.peregrine.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VxlanFramesTest {
    private static final int VNI = 0xabcdef;
    private static final int SOURCE_PORT = 65_000;

    private static String end(boolean ipv6, int port) {
        return "02:00:00:00:00:0a/" + (ipv6 ? "[fd19::ffff:fffe]:" : "198.19.0.254:") + port;
    }

    private static VxlanFrames frames(boolean ipv6, Arena memory) {
        InnerEnd.Converter ends = new InnerEnd.Converter();
        return new VxlanFrames(
                VNI, ends.convert(end(ipv6, SOURCE_PORT)), ends.convert(end(ipv6, 5000)), false, 1400, memory);
    }

    /** Summed up word by word over the bytes as they stand, as a receiver does that knows nothing of the generator. */
    private static int checksum(ByteBuffer bytes, int from, int to, long sum) {
        for (int i = from; i < to; i++) sum += (bytes.get(i) & 0xffL) << ((i - from) % 2 == 0 ? 8 : 0);
        while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
        return (int) sum;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void haveRightChecksumsWhateverVaries(boolean ipv6) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (Arena arena = Arena.ofConfined()) {
            VxlanFrames frames = frames(ipv6, arena);
            for (int i = 0; i < 2000; i++) {
                int payload = random.nextInt(18, 1401);
                MemorySegment memory = arena.allocate(frames.overhead() + payload);
                frames.write(
                        memory,
                        0,
                        random.nextInt(1 << 24),
                        random.nextInt(),
                        random.nextLong(1L << 48),
                        random.nextLong(),
                        payload);
                assertRight(memory.asByteBuffer(), ipv6, payload, "seed " + seed + " turn " + i);
            }
        }
    }

    private static void assertRight(ByteBuffer bytes, boolean ipv6, int payload, String where) {
        assertEquals(0x0800_0000, bytes.getInt(0), where);
        assertEquals(VNI, bytes.getInt(4) >>> 8, where);
        int udp = ipv6 ? 62 : 42;
        if (ipv6) {
            assertEquals(payload + 8, bytes.getShort(26), where);
        } else {
            assertEquals(payload + 28, bytes.getShort(24), where);
            assertEquals(0xffff, checksum(bytes, 22, 42, 0), where);
        }
        assertEquals(payload + 8, bytes.getShort(udp + 4), where);
        int addresses = ipv6 ? 32 : 8;
        assertEquals(0xffff, checksum(bytes, udp - addresses, udp + 8 + payload, 17 + payload + 8), where);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void varyThePortFirstAndThenTheAddress(boolean ipv6) {
        int address = ipv6 ? 42 : 34;
        int udp = ipv6 ? 62 : 42;
        assertEquals(SOURCE_PORT + 1, frame(ipv6, 1).getShort(udp) & 0xffff);
        ByteBuffer next = frame(ipv6, 65_536 - SOURCE_PORT);
        assertEquals(SOURCE_PORT, next.getShort(udp) & 0xffff);
        assertEquals(frame(ipv6, 0).getInt(address) + 1, next.getInt(address), "the next address");
    }

    private static ByteBuffer frame(boolean ipv6, int identity) {
        MemorySegment memory = Arena.ofAuto().allocate(1600);
        frames(ipv6, Arena.ofAuto()).write(memory, 0, identity, 1, 0, 0, 18);
        return memory.asByteBuffer();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void overwriteWhatStoodThereBefore(boolean ipv6) {
        MemorySegment dirty = Arena.ofAuto().allocate(1600).fill((byte) 0x5a);
        MemorySegment clean = Arena.ofAuto().allocate(1600);
        VxlanFrames frames = frames(ipv6, Arena.ofAuto());
        for (MemorySegment memory : Arrays.asList(dirty, clean)) frames.write(memory, 0, 3, 1, 9, 77, 500);
        int length = frames.overhead() + 500;
        assertArrayEquals(
                clean.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE),
                dirty.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }
}
