package dev.peregrine.dataplane.header;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.dataplane.testing.Seed;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {
    @Test
    void sumsTheExampleOfRfc1071() {
        byte[] bytes = {0x00, 0x01, (byte) 0xf2, 0x03, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7};
        assertEquals(0xddf2, sum(bytes, 0, bytes.length));
    }

    @Test
    void agreesWithOneWordAtATimeForEveryLengthAndStart() {
        Seed seed = Seed.ofThisRun();
        byte[] bytes = new byte[400];
        seed.random().nextBytes(bytes);
        for (int from = 0; from < 16; from++) {
            for (int length = 0; length <= 300; length++) {
                assertSumAgrees(bytes, from, length, seed);
            }
        }
    }

    @Test
    void agreesWithOneWordAtATimeForWholeBuffersOfOnes() {
        byte[] bytes = new byte[65_536];
        Arrays.fill(bytes, (byte) 0xff);
        for (int length = 65_500; length <= bytes.length; length++) {
            assertSumAgrees(bytes, 0, length, "all ones");
        }
    }

    @Test
    void agreesWithOneWordAtATimeForLargeRandomRanges() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        byte[] bytes = new byte[70_000];
        random.nextBytes(bytes);
        for (int i = 0; i < 300; i++) {
            assertSumAgrees(bytes, random.nextInt(64), random.nextInt(69_000), seed);
        }
    }

    @Test
    void foldsSumsOfAnySize() {
        assertEquals(0, InternetChecksum.fold(0));
        assertEquals(0xffff, InternetChecksum.fold(0xffff));
        assertEquals(1, InternetChecksum.fold(0x1_0000));
        assertEquals(0xffff, InternetChecksum.fold(Long.MAX_VALUE - 0x7fff));
        assertEquals(0xffff, InternetChecksum.fold(0xffff_ffff_ffffL));
        assertEquals(0x0001, InternetChecksum.fold(0x0001_0000_0000_0000L));
    }

    @Test
    void updatesAsIfComputedAnew() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        byte[] bytes = new byte[40];
        for (int i = 0; i < 100_000; i++) {
            random.nextBytes(bytes);
            int checksum = InternetChecksum.complement(sum(bytes, 0, bytes.length));
            int at = random.nextInt(18) * 2;
            int before = Reference.getInt(bytes, at);
            Reference.setInt(bytes, at, random.nextInt(4) == 0 ? random.nextInt(3) - 1 : random.nextInt());
            int after = Reference.getInt(bytes, at);
            int anew = InternetChecksum.complement(sum(bytes, 0, bytes.length));
            int half = InternetChecksum.update(checksum, before >>> 16, after >>> 16);
            assertEquals(anew, InternetChecksum.update(half, before & 0xffff, after & 0xffff), seed::toString);
        }
    }

    @Test
    void updatesToZeroWhereRfc1141WouldGiveOnes() {
        // The example of RFC 1624 section 4.
        assertEquals(0x0000, InternetChecksum.update(0xdd2f, 0x5555, 0x3285));
    }

    @Test
    void sumsPseudoHeadersOfBothFamilies() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        byte[] header = new byte[40];
        for (int i = 0; i < 1_000; i++) {
            random.nextBytes(header);
            int length = random.nextInt(65_536);
            MemorySegment memory = MemorySegment.ofArray(header);
            assertEquals(
                    Reference.pseudoHeader(header, 12, 20, 6, length),
                    InternetChecksum.fold(InternetChecksum.pseudoHeader4(memory, 0, 6, length)),
                    seed::toString);
            assertEquals(
                    Reference.pseudoHeader(header, 8, 40, 17, length),
                    InternetChecksum.fold(InternetChecksum.pseudoHeader6(memory, 0, 17, length)),
                    seed::toString);
        }
    }

    private static void assertSumAgrees(byte[] bytes, int from, int length, Object seed) {
        int expected = Reference.sum(bytes, from, from + length, 0);
        assertEquals(expected, sum(bytes, from, length), () -> "from " + from + ", length " + length + ", " + seed);
    }

    private static int sum(byte[] bytes, int from, int length) {
        return InternetChecksum.fold(InternetChecksum.sum(MemorySegment.ofArray(bytes), from, length));
    }
}
