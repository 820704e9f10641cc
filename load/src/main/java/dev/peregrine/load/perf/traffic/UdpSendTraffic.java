package dev.peregrine.load.perf.traffic;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.load.DatagramSender;
import dev.peregrine.load.OpenLoop;
import dev.peregrine.load.Pause;
import dev.peregrine.load.SendSockets;
import dev.peregrine.load.Stamp;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** Sends stamped datagrams on all streams in turn, at the rate of the test, on one thread. */
public final class UdpSendTraffic extends ThreadedTraffic {
    /** At high rates the packets that fill this time are due together: they may share a message. */
    private static final double BURST_SECONDS = 100e-6;

    private static final int TURN = 1024;

    private final PerfPlan plan;
    private final BooleanSupplier stop;
    private final DatagramSender sender;
    private final int burst;
    private volatile boolean closed;
    private long packet;

    /** Opens the sockets, in the calling thread's network namespace. */
    public UdpSendTraffic(PerfPlan plan, UdpAddress to, BooleanSupplier stop) throws IOException {
        super(plan.streams());
        this.plan = plan;
        this.stop = stop;
        sender = new DatagramSender(to, SendSockets.open(plan.streams(), to, null, 0), plan.gso(), this::ending);
        double perSecond = plan.perSecond() > 0 ? plan.perSecond() : Double.MAX_VALUE;
        burst = plan.gso() ? (int) Math.clamp(perSecond * BURST_SECONDS, 1, DatagramSender.MAX_SEGMENTS) : 1;
    }

    private boolean ending() {
        return closed || stop.getAsBoolean();
    }

    @Override
    public void start() {
        threads.start("udp-sender", this::run);
    }

    private void run() throws IOException {
        OpenLoop schedule = new OpenLoop(plan.perSecond() * plan.streams(), burst);
        long start = System.nanoTime();
        long end = start + (long) (plan.seconds() * 1e9);
        schedule.start(start);
        long now = start;
        for (; now < end && !ending(); now = System.nanoTime()) {
            long due = schedule.due(now);
            if (due <= packet) {
                Pause.upTo(schedule.dueNanos(packet) - now);
                continue;
            }
            compose(Math.min(due, packet + TURN), schedule, now);
        }
        streams.seconds((now - start) / 1e9);
    }

    private void compose(long limit, OpenLoop schedule, long now) throws IOException {
        while (packet < limit) {
            long run = Math.min(limit, (packet / burst + 1) * burst) - packet;
            int stream = (int) (packet / burst % plan.streams());
            long nanos = schedule.isPaced() ? schedule.dueNanos(packet) : now;
            long sequence = streams.packets(stream).value();
            for (long i = 0; i < run; i++) {
                long position = sender.place(stream, plan.length());
                Stamp.write(sender.memory(), position, stream, sequence + i, nanos);
            }
            streams.packets(stream).add(run);
            streams.bytes(stream).add(run * plan.length());
            packet += run;
        }
        sender.flush();
    }

    @Override
    public void close() {
        closed = true;
        threads.end();
        sender.close();
    }
}
