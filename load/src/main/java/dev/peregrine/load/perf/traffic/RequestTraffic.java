package dev.peregrine.load.perf.traffic;

import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.load.OpenLoop;
import dev.peregrine.load.Pause;
import dev.peregrine.load.Stamp;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/**
 * Sends requests and measures until their responses come. Without a rate there is one request under way per stream.
 * With a rate requests leave on time whatever becomes of earlier ones, and latencies count from when they were due.
 */
public final class RequestTraffic extends ThreadedTraffic {
    private static final long MAX_NANOS = 60_000_000_000L;

    private final PerfPlan plan;
    private final Exchange[] exchanges;
    private final BooleanSupplier stop;
    private final Histogram[] latencies;
    private final Counter[] requests;
    private volatile long start;
    private volatile long ended;
    private volatile boolean closed;

    /** Requests over exchanges, one per stream, which it closes. */
    public RequestTraffic(PerfPlan plan, Exchange[] exchanges, BooleanSupplier stop) {
        super(exchanges.length);
        this.plan = plan;
        this.exchanges = exchanges;
        this.stop = stop;
        latencies = new Histogram[exchanges.length];
        requests = new Counter[exchanges.length];
        for (int i = 0; i < exchanges.length; i++) {
            latencies[i] = new Histogram(MAX_NANOS, 3);
            requests[i] = new Counter();
        }
    }

    @Override
    public void start() {
        start = System.nanoTime();
        for (int i = 0; i < exchanges.length; i++) {
            int stream = i;
            if (plan.rate() == 0) {
                threads.start("requests-" + i, () -> oneByOne(stream));
            } else {
                OpenRequests requests = new OpenRequests(stream);
                threads.start("requests-" + i, requests::send);
                threads.start("responses-" + i, requests::receive);
            }
        }
    }

    private boolean goesOn() {
        return System.nanoTime() - start < plan.seconds() * 1e9 && !stop.getAsBoolean() && !closed;
    }

    private void oneByOne(int stream) throws IOException {
        Exchange exchange = exchanges[stream];
        ByteBuffer request = ByteBuffer.allocateDirect(plan.length());
        ByteBuffer response = ByteBuffer.allocateDirect(plan.length());
        MemorySegment memory = MemorySegment.ofBuffer(request);
        long sequence = 0;
        for (; goesOn(); sequence++) {
            long now = System.nanoTime();
            Stamp.write(memory, 0, stream, sequence, now);
            exchange.send(request.clear());
            requests[stream].add(1);
            if (answered(exchange, response, sequence)) done(stream, sequence, System.nanoTime() - now);
        }
        ended = System.nanoTime();
        exchange.finish();
    }

    /** Whether the response to this request came; late responses to earlier requests are skipped. */
    private static boolean answered(Exchange exchange, ByteBuffer response, long sequence) throws IOException {
        while (exchange.receive(response)) {
            MemorySegment memory = MemorySegment.ofBuffer(response);
            if (response.remaining() >= Stamp.LENGTH && Stamp.sequence(memory, 0) == sequence) return true;
        }
        if (exchange.isReliable()) throw closedEarly();
        return false;
    }

    private static IOException closedEarly() {
        return new EOFException("the server closed a connection before the end");
    }

    private void done(int stream, long sequence, long nanos) {
        latencies[stream].recordValue(Math.clamp(nanos, 0, MAX_NANOS));
        streams.sequences().count(stream, sequence);
        streams.packets(stream).add(1);
        streams.bytes(stream).add(plan.length());
    }

    /** Requests of one stream at a rate: one thread sends, another receives. */
    private final class OpenRequests {
        private final int stream;
        private final Exchange exchange;
        private volatile boolean sent;

        OpenRequests(int stream) {
            this.stream = stream;
            this.exchange = exchanges[stream];
        }

        void send() throws IOException {
            OpenLoop schedule = new OpenLoop(plan.perSecond(), 1);
            schedule.start(start);
            ByteBuffer request = ByteBuffer.allocateDirect(plan.length());
            MemorySegment memory = MemorySegment.ofBuffer(request);
            long sequence = 0;
            try {
                while (goesOn()) {
                    long now = System.nanoTime();
                    if (schedule.due(now) <= sequence) {
                        Pause.upTo(schedule.dueNanos(sequence) - now);
                        continue;
                    }
                    Stamp.write(memory, 0, stream, sequence, schedule.dueNanos(sequence));
                    exchange.send(request.clear());
                    requests[stream].add(1);
                    sequence++;
                }
            } finally {
                sent = true;
                ended = System.nanoTime();
                exchange.finish();
            }
        }

        void receive() throws IOException {
            ByteBuffer response = ByteBuffer.allocateDirect(plan.length());
            while (true) {
                if (exchange.receive(response)) {
                    MemorySegment memory = MemorySegment.ofBuffer(response);
                    if (response.remaining() < Stamp.LENGTH || !Stamp.isAt(memory, 0)) continue;
                    done(stream, Stamp.sequence(memory, 0), Stamp.age(memory, 0, System.nanoTime()));
                } else if (sent || closed) {
                    return;
                } else if (exchange.isReliable()) {
                    throw closedEarly();
                }
            }
        }
    }

    /** Requests sent on all streams. */
    public long requests() {
        long sum = 0;
        for (Counter stream : requests) sum += stream.value();
        return sum;
    }

    /** Of all streams; after the end. */
    public Histogram latency() {
        Histogram all = new Histogram(MAX_NANOS, 3);
        for (Histogram latency : latencies) all.add(latency);
        return all;
    }

    @Override
    public void await() throws IOException {
        threads.await();
        streams.seconds((ended - start) / 1e9);
    }

    @Override
    public void close() {
        closed = true;
        for (Exchange exchange : exchanges) exchange.close();
    }
}
