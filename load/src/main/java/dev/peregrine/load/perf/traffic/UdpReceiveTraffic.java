package dev.peregrine.load.perf.traffic;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.load.DatagramReceiver;
import dev.peregrine.load.Stamp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;

/** Receives stamped datagrams of all streams, on one thread. */
public final class UdpReceiveTraffic extends ThreadedTraffic {
    private static final int SLICE_MILLIS = 20;
    private static final long QUIET_NANOS = 300_000_000;
    private static final int JITTER_SHARE = 16;

    private final DatagramReceiver receiver;
    private final long[] transits;
    private volatile boolean draining;
    private volatile boolean closed;
    private long first;
    private long last;

    /** Binds to a port of the kernel's choice. */
    public UdpReceiveTraffic(PerfPlan plan, InetAddress local) throws IOException {
        super(plan.streams());
        receiver = DatagramReceiver.open(UdpAddress.of(local, 0), plan.gso());
        transits = new long[plan.streams()];
    }

    /** The local UDP port that receives. */
    public int port() throws LinuxException {
        return receiver.localPort();
    }

    @Override
    public void start() {
        threads.start("udp-receiver", this::run);
    }

    private void run() throws IOException {
        last = System.nanoTime();
        DatagramReceiver.Taker taker = this::take;
        while (!closed && (!draining || System.nanoTime() - last < QUIET_NANOS)) {
            if (receiver.receive(taker) == 0) receiver.await(SLICE_MILLIS);
        }
        if (first != 0) streams.seconds((last - first) / 1e9);
    }

    private void take(MemorySegment memory, long position, int length, int tos, long now) {
        if (length < Stamp.LENGTH || !Stamp.isAt(memory, position)) return;
        int stream = Stamp.flow(memory, position);
        if (stream < 0 || stream >= streams.count()) return;
        last = now;
        if (first == 0) first = now;
        jitter(stream, Stamp.age(memory, position, now));
        streams.sequences().count(stream, Stamp.sequence(memory, position));
        streams.packets(stream).add(1);
        streams.bytes(stream).add(length);
    }

    /** RFC 3550 section 6.4.1: differences alone matter, so the two clocks need not agree. */
    private void jitter(int stream, long transit) {
        long jitter = streams.jitterNanos(stream).value();
        long difference = streams.packets(stream).value() == 0 ? 0 : Math.abs(transit - transits[stream]);
        transits[stream] = transit;
        streams.jitterNanos(stream).set(jitter + (difference - jitter) / JITTER_SHARE);
    }

    @Override
    public void drain() {
        draining = true;
    }

    @Override
    public void close() {
        closed = true;
        threads.end();
        receiver.close();
    }
}
