package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.Histogram;
import dev.peregrine.dataplane.stage.Sink;
import org.jspecify.annotations.Nullable;

/**
 * The sink in front of a terminal: measures the cost of packets there, how long those took that were stamped when they
 * were received, and, where they are steered, checks their order.
 */
final class EgressMeter implements Sink {
    /** The n of which one batch in n is timed. */
    private static final int TIMED_BATCHES = 64;

    private Sink terminal;
    private final int worker;
    private final Counters counters = new Counters();
    private final Histogram latency;
    private @Nullable OrderCheck check;

    /** @param latency counts how long packets took from where they were received, in nanoseconds */
    EgressMeter(Sink terminal, int worker, Histogram latency) {
        this.terminal = terminal;
        this.worker = worker;
        this.latency = latency;
    }

    /** Sets what is behind it: the terminal, or what instruments have put around it. */
    void lead(Sink next) {
        terminal = next;
    }

    /** Sets the check of the order; null for none. */
    void check(@Nullable OrderCheck next) {
        check = next;
    }

    Counters counters() {
        return counters;
    }

    @Override
    public void accept(Batch batch) {
        OrderCheck looking = check;
        if (looking != null) {
            for (int i = 0; i < batch.size(); i++) {
                looking.leave(batch.packet(i), worker);
            }
        }
        long receiveNanos = batch.isEmpty() ? 0 : batch.packet(0).receiveNanos();
        boolean timed = counters.batches() % TIMED_BATCHES == 0;
        int packets = batch.size();
        counters.arrived(packets, batch.segments());
        if (timed) {
            long begin = System.nanoTime();
            terminal.accept(batch);
            counters.timed(packets, System.nanoTime() - begin);
        } else {
            terminal.accept(batch);
        }
        if (receiveNanos != 0) {
            latency.add(Math.max(0, System.nanoTime() - receiveNanos));
        }
    }
}
