package dev.peregrine.dataplane.policy.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.testing.Seed;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SipHashTest {
    /** The first words of the authors' test vectors: key 00..0f, input 00..(n-1). */
    @Test
    void theReferenceIsSipHash() {
        long key0 = 0x0706050403020100L;
        long key1 = 0x0f0e0d0c0b0a0908L;
        assertEquals(0x726fdb47dd0e0e31L, Reference.hash(2, 4, false, key0, key1, new byte[0])[0]);
        assertEquals(0xa129ca6149be45e5L, Reference.hash(2, 4, false, key0, key1, counting(15))[0]);
        long[] wide = Reference.hash(2, 4, true, key0, key1, new byte[0]);
        assertEquals(0xe6a825ba047f81a3L, wide[0]);
        assertEquals(0x930255c71472f66dL, wide[1]);
    }

    private static byte[] counting(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    @Test
    void hashesWordsAsTheReferenceDoes() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        for (int i = 0; i < 1000; i++) {
            long key0 = random.nextLong();
            long key1 = random.nextLong();
            SipHash hash = new SipHash(key0, key1);
            for (int round = 0; round < 2; round++) {
                byte[] input = new byte[8 * random.nextInt(40)];
                random.nextBytes(input);
                hash.begin();
                for (int at = 0; at < input.length; at += 8) {
                    hash.add(Reference.word(input, at));
                }
                hash.finish();
                long[] expected = Reference.hash(1, 3, true, key0, key1, input);
                assertEquals(expected[0], hash.first(), seed.toString());
                assertEquals(expected[1], hash.second(), seed.toString());
            }
        }
    }

    /** The algorithm of the paper over bytes, with any number of rounds. */
    private static final class Reference {
        private final long[] v;

        private Reference(long key0, long key1) {
            v = new long[] {
                key0 ^ 0x736f6d6570736575L,
                key1 ^ 0x646f72616e646f6dL,
                key0 ^ 0x6c7967656e657261L,
                key1 ^ 0x7465646279746573L
            };
        }

        static long[] hash(int perWord, int atEnd, boolean wide, long key0, long key1, byte[] input) {
            Reference sip = new Reference(key0, key1);
            sip.v[1] ^= wide ? 0xee : 0;
            byte[] padded = new byte[input.length / 8 * 8 + 8];
            System.arraycopy(input, 0, padded, 0, input.length);
            padded[padded.length - 1] = (byte) input.length;
            for (int at = 0; at < padded.length; at += 8) {
                sip.v[3] ^= word(padded, at);
                sip.rounds(perWord);
                sip.v[0] ^= word(padded, at);
            }
            sip.v[2] ^= wide ? 0xee : 0xff;
            sip.rounds(atEnd);
            long first = sip.v[0] ^ sip.v[1] ^ sip.v[2] ^ sip.v[3];
            sip.v[1] ^= 0xdd;
            sip.rounds(atEnd);
            return new long[] {first, sip.v[0] ^ sip.v[1] ^ sip.v[2] ^ sip.v[3]};
        }

        static long word(byte[] bytes, int at) {
            long word = 0;
            for (int i = 7; i >= 0; i--) {
                word = word << 8 | (bytes[at + i] & 0xff);
            }
            return word;
        }

        private void rounds(int count) {
            for (int i = 0; i < count; i++) {
                half(0, 1, 2, 3, 13, 16);
                half(2, 1, 0, 3, 17, 21);
            }
        }

        /** The two halves of a round are the same but for the words' order and the distances. */
        private void half(int a, int b, int c, int d, int left, int right) {
            v[a] += v[b];
            v[c] += v[d];
            v[b] = Long.rotateLeft(v[b], left) ^ v[a];
            v[d] = Long.rotateLeft(v[d], right) ^ v[c];
            v[a] = Long.rotateLeft(v[a], 32);
        }
    }
}
