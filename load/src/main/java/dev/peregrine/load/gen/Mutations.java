package dev.peregrine.load.gen;

import dev.peregrine.load.VxlanFrames;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Makes malformed datagrams of well-formed ones, each kind as often as the others. */
final class Mutations {
    /** The fault of a datagram. */
    enum Kind {
        /** Cut off anywhere but before its first byte. */
        TRUNCATED("truncated"),
        /** Without the I flag. */
        BAD_FLAGS("badFlags"),
        /** With a VNI that is not the run's. */
        UNKNOWN_VNI("unknownVni"),
        /** Random bytes behind the VXLAN header. */
        GARBAGE_INNER("garbageInner"),
        /** One wrong byte in the inner IP or UDP header; never a missing UDP checksum, which would be right. */
        WRONG_HEADER("wrongHeader");

        private final String jsonName;

        Kind(String jsonName) {
            this.jsonName = jsonName;
        }
    }

    private static final Kind[] KINDS = Kind.values();
    private static final int I_FLAG = 0x08;
    private static final int VNI_SPAN = 1 << 24;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final SplittableRandom random;
    private final double share;
    private final int overhead;
    private final long[] counts = new long[KINDS.length];

    /**
     * @param percent share of malformed datagrams, 0 to 100
     * @param overhead bytes of a datagram in front of its payload
     */
    Mutations(long seed, double percent, int overhead) {
        random = new SplittableRandom(seed);
        share = percent / 100;
        this.overhead = overhead;
    }

    /** Whether the next datagram is to be malformed. */
    boolean next() {
        return share > 0 && random.nextDouble() < share;
    }

    /**
     * Spoils the well-formed datagram of {@code length} bytes at the start of {@code memory}; returns its new length.
     */
    int spoil(MemorySegment memory, int length) {
        int kind = random.nextInt(KINDS.length);
        counts[kind]++;
        switch (KINDS[kind]) {
            case TRUNCATED -> {
                return 1 + random.nextInt(length - 1);
            }
            case BAD_FLAGS -> memory.set(BYTE, VxlanFrames.VXLAN_FLAGS, (byte) (random.nextInt(256) & ~I_FLAG));
            case UNKNOWN_VNI -> addToVni(memory, 1 + random.nextInt(VNI_SPAN - 1));
            case GARBAGE_INNER -> {
                for (int i = VxlanFrames.FRAME; i < length; i++) memory.set(BYTE, i, (byte) random.nextInt(256));
            }
            case WRONG_HEADER -> spoilHeader(memory);
        }
        return length;
    }

    private static void addToVni(MemorySegment memory, int more) {
        int vni = 0;
        for (int i = 0; i < 3; i++) vni = (vni << 8) | (memory.get(BYTE, VxlanFrames.VNI + i) & 0xff);
        vni += more;
        for (int i = 2; i >= 0; i--, vni >>>= 8) memory.set(BYTE, VxlanFrames.VNI + i, (byte) vni);
    }

    private void spoilHeader(MemorySegment memory) {
        int at = VxlanFrames.NETWORK + random.nextInt(overhead - Short.BYTES - VxlanFrames.NETWORK);
        memory.set(BYTE, at, (byte) (memory.get(BYTE, at) ^ (1 + random.nextInt(255))));
    }

    /** How many were made of each kind, by its name in reports. */
    Map<String, Long> counts() {
        Map<String, Long> byName = new LinkedHashMap<>();
        for (int i = 0; i < KINDS.length; i++) byName.put(KINDS[i].jsonName, counts[i]);
        return byName;
    }
}
