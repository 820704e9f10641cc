package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.packet.Packet;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;

/**
 * A rate limit in wire packets per second, bits per second, or both, shared by all workers.
 *
 * <p>Each of the two is a virtual clock (a token bucket whose tokens are time): a packet moves it on by the time that
 * the packet takes at the limit's rate, and packets pass while the clock is behind the present. The clock never lags by
 * more than the burst. A packet that passes is paid for in full, so the clock may run ahead, by a superframe and by one
 * packet for each other worker: the bucket is negative, and nothing passes until the debt is paid. The traffic that
 * passes in any time t is therefore at most rate · t + burst + one superframe for each worker, and the mean rate is
 * exact whatever the number of workers.
 *
 * <p>The clock is one word for all workers. Paying is a fetch-and-add, which cannot fail and needs no loop; a refused
 * packet only reads, so a flood over the limit does not make the workers fight for the line. Shares for each worker
 * with lending would save the atomic operation, but leave tokens where no traffic is: at 10 Mbit/s a superframe
 * of 64 KiB is worth 52 ms, more than any share that keeps the limit within a few percent of itself.
 *
 * <p>Superframes cost their segments and wire bytes, headers of each included. Bytes are those of the inner frame
 * from the destination MAC address on, without preamble, FCS and tunnel headers. Any thread may call all methods.
 */
public final class TokenBucket {
    /** For a limit that is not set. */
    public static final long UNLIMITED = 0;

    private static final VarHandle CLOCK = MethodHandles.arrayElementVarHandle(long[].class);

    /** Clocks count sixteenths of a nanosecond, so that 64 bytes at 100 Gbit/s are not rounded by more than 1%. */
    private static final int FRACTION_BITS = 4;

    private static final double UNITS_PER_SECOND = 1e9 * (1 << FRACTION_BITS);

    /** Each clock stands in a cache line of its own, also where the next line is fetched with it. */
    private static final int PACKETS = 16;

    private static final int BITS = 32;
    private static final int WORDS = 48;

    /**
     * The burst of a limit that names none. TCP behind a limit with a round trip of less than a millisecond sends in
     * bursts, and waits for its retransmission timer (200 ms or more) after each: it loses the credit that the bucket
     * cannot save for it meanwhile.
     */
    public static final Duration DEFAULT_BURST = Duration.ofMillis(500);

    private static final double NANOS_PER_SECOND = 1e9;

    private final long[] clocks = new long[WORDS];
    private final double unitsPerPacket;
    private final double unitsPerByte;
    private final long packetBurst;
    private final long bitBurst;

    /**
     * A full bucket.
     *
     * @param packetsPerSecond wire packets per second, {@link #UNLIMITED} for no such limit
     * @param bitsPerSecond bits of inner frames per second, {@link #UNLIMITED} for no such limit
     * @param burstPackets wire packets that pass at once after a pause, at least 1
     * @param burstBytes bytes that pass at once after a pause, at least 1
     * @param nowNanos the present, by the clock that {@link #admit} is given
     */
    public TokenBucket(long packetsPerSecond, long bitsPerSecond, long burstPackets, long burstBytes, long nowNanos) {
        if (packetsPerSecond < 0 || bitsPerSecond < 0 || burstPackets < 1 || burstBytes < 1) {
            throw new IllegalArgumentException("limits " + packetsPerSecond + " packets/s, " + bitsPerSecond
                    + " bit/s, bursts " + burstPackets + " packets, " + burstBytes + " bytes");
        }
        unitsPerPacket = packetsPerSecond == UNLIMITED ? 0 : UNITS_PER_SECOND / packetsPerSecond;
        unitsPerByte = bitsPerSecond == UNLIMITED ? 0 : UNITS_PER_SECOND * Byte.SIZE / bitsPerSecond;
        packetBurst = Math.max(1, (long) (burstPackets * unitsPerPacket));
        bitBurst = Math.max(1, (long) (burstBytes * unitsPerByte));
        clocks[PACKETS] = units(nowNanos) - packetBurst;
        clocks[BITS] = units(nowNanos) - bitBurst;
    }

    /**
     * A full bucket whose burst is the rate's worth of a time, but at least one packet or one byte. A superframe longer
     * than the burst still passes once there is credit, and leaves a debt.
     */
    public static TokenBucket of(long packetsPerSecond, long bitsPerSecond, Duration burst, long nowNanos) {
        double seconds = burst.toNanos() / NANOS_PER_SECOND;
        long packets = Math.max(1, (long) (packetsPerSecond * seconds));
        long bytes = Math.max(1, (long) (bitsPerSecond / (double) Byte.SIZE * seconds));
        return new TokenBucket(packetsPerSecond, bitsPerSecond, packets, bytes, nowNanos);
    }

    /** Whether a packet is within the limit, and if so pays for it; {@code nowNanos} is that of its batch. */
    public boolean admit(Packet packet, long nowNanos) {
        return admit(packet.wirePackets(), packet.wireBytes(), nowNanos);
    }

    /** As {@link #admit(Packet, long)}, for wire packets and their bytes together. */
    public boolean admit(int packets, int bytes, long nowNanos) {
        long now = units(nowNanos);
        if (!hasCredit(PACKETS, unitsPerPacket, packetBurst, now) || !hasCredit(BITS, unitsPerByte, bitBurst, now)) {
            return false;
        }
        pay(PACKETS, packets * unitsPerPacket);
        pay(BITS, bytes * unitsPerByte);
        return true;
    }

    private boolean hasCredit(int index, double unitsPerToken, long burst, long now) {
        if (unitsPerToken == 0) {
            return true;
        }
        long clock = (long) CLOCK.getOpaque(clocks, index);
        long credit = now - clock;
        if (credit > burst) {
            // The loser of this race need not try again: another worker has moved the clock, and the next packet looks.
            CLOCK.compareAndSet(clocks, index, clock, now - burst);
        }
        return credit > 0;
    }

    private void pay(int index, double units) {
        if (units > 0) {
            CLOCK.getAndAdd(clocks, index, Math.round(units));
        }
    }

    /** Wraps after 18 years, which differences do not notice. */
    private static long units(long nanos) {
        return nanos << FRACTION_BITS;
    }
}
