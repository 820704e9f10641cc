package dev.peregrine.load.sink;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.load.DatagramReceiver;
import dev.peregrine.load.Echo;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Receives the traffic of a {@link SinkPlan}. The loop belongs to one thread, and allocates nothing per packet. */
final class Sink implements AutoCloseable {
    private static final long SLICE_NANOS = 50_000_000;

    private final SinkPlan plan;
    private final BooleanSupplier stop;
    private final DatagramReceiver receiver;
    private final Optional<Echo> echo;
    private final Account account;
    private String ended = "";

    /** Binds the socket, in the calling thread's network namespace: it receives all datagrams sent from now on. */
    Sink(SinkPlan plan, BooleanSupplier stop) throws IOException {
        this.plan = plan;
        this.stop = stop;
        account = new Account(plan.vxlan(), plan.vni(), plan.flows());
        receiver = DatagramReceiver.open(plan.listen(), plan.gro());
        echo = plan.echo() ? Optional.of(receiver.echo()) : Optional.empty();
    }

    /** Receives until the plan is fulfilled or the signal to stop comes. */
    void run() throws IOException {
        long start = System.nanoTime();
        long end = start + (long) (plan.durationSeconds() * 1e9);
        long idleNanos = (long) (plan.idleSeconds() * 1e9);
        while (ended.isEmpty()) {
            if (receiver.receive(account) > 0 && !stop.getAsBoolean() && account.packets.value() < plan.count()) {
                if (System.nanoTime() >= end) ended = "duration";
                continue;
            }
            long now = System.nanoTime();
            long idleEnd = (account.packets.value() == 0 ? start : account.lastNanos()) + idleNanos;
            if (stop.getAsBoolean()) ended = "signal";
            else if (account.packets.value() >= plan.count()) ended = "count";
            else if (now >= end) ended = "duration";
            else if (now >= idleEnd) ended = "idle";
            else awaitDatagram(Math.min(end, idleEnd) - now);
        }
    }

    private void awaitDatagram(long nanos) {
        receiver.await((int) Math.ceilDiv(Math.min(nanos, SLICE_NANOS), 1_000_000));
    }

    SinkPlan plan() {
        return plan;
    }

    Account account() {
        return account;
    }

    DatagramReceiver receiver() {
        return receiver;
    }

    /** The way back to the senders, if there is one. */
    Optional<Echo> echo() {
        return echo;
    }

    /** Datagrams that the kernel dropped at the socket. */
    long socketDrops() throws LinuxException {
        return receiver.drops();
    }

    /** The reason of its end: {@code signal}, {@code count}, {@code duration} or {@code idle}. */
    String ended() {
        return ended;
    }

    @Override
    public void close() {
        receiver.close();
    }
}
