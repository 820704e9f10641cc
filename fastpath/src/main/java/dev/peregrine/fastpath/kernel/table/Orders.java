package dev.peregrine.fastpath.kernel.table;

import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R3;
import static dev.peregrine.dataplane.bpf.Register.R7;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.HALF;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.BpfMap;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.fastpath.FlowKey;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * The order counters: pairs of counts, of that which programs left to the gateway ({@code in}), and of that which has
 * left the gateway ({@code out}). Packets of a flow go fast while the two are equal. Both run from the start, before a
 * flow is known: counts that began with a flow would miss its packets that were in flight then.
 *
 * <pre>
 *   a datagram's counter: hash of its source address and source port        amount: bytes of UDP payload
 *   a frame's counter:    hash of the flow's addresses and ports            amount: wire packets
 * </pre>
 *
 * <p>Datagrams are counted before anything is known of the frames in them, whatever these are: a sender gives a flow
 * one source port (RFC 7348 section 5), and the kernel merges what has equal ports, perhaps datagrams of several flows.
 * Bytes of payload are the same, merged or not.
 *
 * <p>Flows that share a counter wait for each other, which is safe. The hash is keyed by a random number, so no sender
 * can choose another one's counter.
 */
public final class Orders {
    /** Offsets in a counter, of 64-bit words. */
    public static final int IN = 0;

    public static final int OUT = 8;

    private static final int BITS = 16;

    /** The number of counters: theirs are the numbers below it. */
    public static final int COUNT = 1 << BITS;

    private static final int SIZE = 16;

    /** From the golden ratio. */
    private static final long FACTOR = 0x9e37_79b9_7f4a_7c15L;

    /** The counters, by their number: for programs. */
    public final BpfMap map;

    private final long seed = new SplittableRandom().nextLong();

    Orders() throws LinuxException {
        map = BpfMap.array("pg_orders", SIZE, COUNT);
    }

    /** The counter of a datagram; a port is 16 bits. */
    int of(long addressHigh, long addressLow, int port) {
        long hash = mix(mix(seed, Long.reverseBytes(addressHigh)), Long.reverseBytes(addressLow));
        return last(hash, Short.toUnsignedInt(Short.reverseBytes((short) port)));
    }

    /** The counter of a frame of a flow. */
    int of(FlowKey key) {
        long hash = seed;
        for (int i = KernelKey.ADDRESSES / Long.BYTES; i < FlowKey.WORDS; i++) {
            hash = mix(hash, Long.reverseBytes(key.word(i)));
        }
        long ends = key.word(KernelKey.ENDS / Long.BYTES) >>> Integer.SIZE;
        return last(hash, Integer.toUnsignedLong(Integer.reverseBytes((int) ends)));
    }

    private static long mix(long hash, long word) {
        return (hash ^ word) * FACTOR;
    }

    private static int last(long hash, long word) {
        return (int) (mix(hash, word) >>> (Long.SIZE - BITS));
    }

    /**
     * Code that stores the counter of a datagram in the word at R10 + {@code order}, by the VTEP's address at R10 +
     * {@code vtep} and the source port at R7 + {@code port}. Loses R1 to R3.
     */
    public void ofDatagram(Assembler a, int vtep, int port, int order) {
        begin(a);
        for (int at = 0; at < 2 * Long.BYTES; at += Long.BYTES) {
            a.load(DOUBLE, R2, R10, vtep + at).xor(R1, R2).multiply(R1, R3);
        }
        a.load(HALF, R2, R7, port);
        end(a, order);
    }

    /** The same of a frame, by the {@link KernelKey} at R10 + {@code key}. Loses R1 to R3. */
    public void ofFrame(Assembler a, int key, int order) {
        begin(a);
        for (int at = KernelKey.ADDRESSES; at < KernelKey.SIZE; at += Long.BYTES) {
            a.load(DOUBLE, R2, R10, key + at).xor(R1, R2).multiply(R1, R3);
        }
        a.load(WORD, R2, R10, key + KernelKey.ENDS);
        end(a, order);
    }

    private void begin(Assembler a) {
        a.move64(R1, seed).move64(R3, FACTOR);
    }

    private static void end(Assembler a, int order) {
        a.xor(R1, R2).multiply(R1, R3).shiftRight(R1, Long.SIZE - BITS).store(WORD, R10, order, R1);
    }

    long in(int order) {
        return (long) BpfMemory.LONG.getAcquire(memory(), at(order) + IN);
    }

    long out(int order) {
        return (long) BpfMemory.LONG.getAcquire(memory(), at(order) + OUT);
    }

    void settled(int order, long amount) {
        BpfMemory.LONG.getAndAddRelease(memory(), at(order) + OUT, amount);
    }

    /** Sets {@code out}, if it is what it was when it was read. */
    boolean writeOff(int order, long seen, long out) {
        return BpfMemory.LONG.compareAndSet(memory(), at(order) + OUT, seen, out);
    }

    private MemorySegment memory() {
        return map.memory();
    }

    private static long at(int order) {
        return (long) order * SIZE;
    }
}
