package dev.peregrine.load.gen;

import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.load.DatagramSender;
import dev.peregrine.load.OpenLoop;
import dev.peregrine.load.Pause;
import dev.peregrine.load.SendSockets;
import dev.peregrine.load.VxlanFrames;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/**
 * Sends the traffic of a {@link GenPlan}. The loop belongs to one thread, and allocates nothing per packet; other
 * threads may read {@link #sent}, {@link #sentBytes} and {@link #lagNanos} meanwhile.
 */
final class Generator implements AutoCloseable {
    private static final int MAX_SOCKETS = 64;
    /** Packets per turn: between turns the loop looks at the clock and at the signal to stop. */
    private static final int TURN = 1024;

    private static final long MAX_LAG_NANOS = 60_000_000_000L;

    private final GenPlan plan;
    private final BooleanSupplier stop;
    private final Arena arena = Arena.ofShared();
    private final OpenLoop schedule;
    private final OpenLoop churn;
    private final Flows flows;
    private final VxlanFrames frames;
    private final Mutations mutations;
    private final MemorySegment scratch;
    private final DatagramSender sender;
    private final Histogram lag = new Histogram(MAX_LAG_NANOS, 3);
    private final Counter sent = new Counter();
    private final Counter sentBytes = new Counter();
    private final Counter lagNanos = new Counter();

    private long packet;
    private long replaced;
    private long offered;
    private long elapsedNanos;

    /** Opens the sockets, in the calling thread's network namespace. */
    Generator(GenPlan plan, BooleanSupplier stop) throws IOException {
        this.plan = plan;
        this.stop = stop;
        schedule = new OpenLoop(plan.packetsPerSecond(), plan.burst());
        churn = new OpenLoop(plan.churnPerSecond(), 1);
        flows = new Flows(plan.flows(), plan.run());
        frames = new VxlanFrames(
                plan.vni(),
                plan.source(),
                plan.destination(),
                plan.ecn(),
                plan.sizes().largest(),
                arena);
        mutations = new Mutations(plan.seed(), plan.malformedPercent(), frames.overhead());
        scratch = arena.allocate(frames.overhead() + plan.sizes().largest(), 8);
        UdpSocket[] sockets =
                SendSockets.open(Math.min(plan.flows(), MAX_SOCKETS), plan.to(), plan.from(), plan.ecn() ? 2 : 0);
        sender = new DatagramSender(plan.to(), sockets, plan.gso(), stop);
    }

    /** Sends until the plan is fulfilled or the signal to stop comes. */
    void run() throws IOException {
        long start = System.nanoTime();
        long end = start + (long) (plan.durationSeconds() * 1e9);
        schedule.start(start);
        churn.start(start);
        long now = start;
        while (packet < plan.count() && now < end && !stop.getAsBoolean()) {
            turn(now);
            now = System.nanoTime();
        }
        elapsedNanos = now - start;
        offered = schedule.isPaced() ? Math.min(plan.count(), schedule.due(Math.min(now, end - 1))) : packet;
    }

    private void turn(long now) throws IOException {
        if (churn.isPaced()) replaceFlows(now);
        long due = Math.min(schedule.due(now), plan.count());
        if (due <= packet) {
            lagNanos.set(0);
            Pause.upTo(schedule.dueNanos(packet) - now);
            return;
        }
        if (schedule.isPaced()) {
            long late = now - schedule.dueNanos(packet);
            lag.recordValue(Math.clamp(late, 0, MAX_LAG_NANOS));
            lagNanos.set(late);
        }
        compose(Math.min(due, packet + TURN), now);
        sender.flush();
        sent.set(sender.datagrams());
        sentBytes.set(sender.bytes());
    }

    private void compose(long limit, long now) throws IOException {
        int burst = plan.burst();
        while (packet < limit) {
            long run = Math.min(limit, (packet / burst + 1) * burst) - packet;
            int flow = (int) (packet / burst % flows.count());
            long nanos = schedule.isPaced() ? schedule.dueNanos(packet) : now;
            for (long i = 0; i < run; i++) place(flow, nanos);
            packet += run;
        }
    }

    private void place(int flow, long nanos) throws IOException {
        if (mutations.next()) {
            placeMalformed(flow, nanos);
            return;
        }
        long sequence = flows.sequence(flow);
        int payload = plan.sizes().at(sequence);
        long position = sender.place(flow, frames.overhead() + payload);
        frames.write(sender.memory(), position, flows.identity(flow), flows.id(flow), sequence, nanos, payload);
        flows.advance(flow);
    }

    /** Malformed datagrams take no sequence number, so that their receiver does not miss them. */
    private void placeMalformed(int flow, long nanos) throws IOException {
        long sequence = flows.sequence(flow);
        int payload = plan.sizes().at(sequence);
        frames.write(scratch, 0, flows.identity(flow), flows.id(flow), sequence, nanos, payload);
        int length = mutations.spoil(scratch, frames.overhead() + payload);
        MemorySegment.copy(scratch, 0, sender.memory(), sender.place(flow, length), length);
    }

    private void replaceFlows(long now) {
        for (long due = churn.due(now) - 1; replaced < due; replaced++) {
            flows.replace((int) (replaced % flows.count()));
        }
    }

    GenPlan plan() {
        return plan;
    }

    /** Datagrams that were due until the end. */
    long offered() {
        return offered;
    }

    /** Datagrams that the kernel has taken, malformed ones included. */
    long sent() {
        return sent.value();
    }

    /** Their UDP payload on the underlay: VXLAN header and inner frame. */
    long sentBytes() {
        return sentBytes.value();
    }

    /** How late the loop is at the moment. */
    long lagNanos() {
        return lagNanos.value();
    }

    /** Flows that churn has replaced. */
    long replaced() {
        return replaced;
    }

    /** Nanoseconds from when packets were due until the loop came to send them; empty without a rate. After the run. */
    Histogram lag() {
        return lag;
    }

    Mutations mutations() {
        return mutations;
    }

    long sendCalls() {
        return sender.calls();
    }

    double elapsedSeconds() {
        return elapsedNanos / 1e9;
    }

    @Override
    public void close() {
        sender.close();
        arena.close();
    }
}
