package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.stage.WrappedStage;
import dev.peregrine.overlay.Wiring;

/**
 * Makes devices more expensive by {@link BusyWork}: the coalescer for each datagram, the others for each packet, which
 * may be a superframe.
 *
 * @param underlayNanos of the coalescer
 * @param vtepNanos of {@code vtep.decap}
 * @param bridgeNanos of {@code bridge.forward}
 * @param portNanos of a port's {@code out}
 */
public record Weights(double underlayNanos, double vtepNanos, double bridgeNanos, double portNanos)
        implements Instruments {
    /** Adds no cost to the stages' own. */
    public static final Weights NONE = new Weights(0, 0, 0, 0);

    /**
     * Shares of a sum, which the underlay and the VTEP have halves of one share of: the kernel's network card stage.
     */
    public static Weights shares(double nanos, double card, double bridge, double port) {
        double unit = nanos / (card + bridge + port);
        return new Weights(card * unit / 2, card * unit / 2, bridge * unit, port * unit);
    }

    /** All of it for a packet of one datagram. */
    public double sumNanos() {
        return underlayNanos + vtepNanos + bridgeNanos + portNanos;
    }

    @Override
    public Stage stage(String address, Stage stage) {
        double nanos = address.equals(Wiring.DECAP)
                ? vtepNanos
                : address.equals("bridge.forward")
                        ? bridgeNanos
                        : address.startsWith("port:") && address.endsWith(".out") ? portNanos : 0;
        return nanos == 0 ? stage : new Dearer(stage, new BusyWork(nanos));
    }

    @Override
    public Sink sink(String name, Sink sink) {
        if (!name.equals(Wiring.COALESCE) || underlayNanos == 0) {
            return sink;
        }
        BusyWork work = new BusyWork(underlayNanos);
        return batch -> {
            work.times(batch.segments());
            sink.accept(batch);
        };
    }

    private static final class Dearer extends WrappedStage {
        private final BusyWork work;

        private Dearer(Stage stage, BusyWork work) {
            super(stage);
            this.work = work;
        }

        @Override
        public void process(Batch batch) {
            work.times(batch.size());
            stage.process(batch);
        }
    }
}
