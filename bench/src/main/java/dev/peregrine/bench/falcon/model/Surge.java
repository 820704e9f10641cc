package dev.peregrine.bench.falcon.model;

import dev.peregrine.bench.chain.FlowOrder;
import dev.peregrine.bench.chain.Pace;

/**
 * Flows of one rate, of which the first suddenly grows tenfold.
 *
 * @param flows how many
 * @param rate packets per second of each, before
 * @param startNanos when they begin
 * @param surgeNanos when the first one grows
 */
public record Surge(int flows, double rate, long startNanos, long surgeNanos) implements Pace {
    static final int FACTOR = 10;

    private double rateBefore() {
        return flows * rate;
    }

    private double rateAfter() {
        return (flows - 1 + FACTOR) * rate;
    }

    /** Packets due before the first flow grows. */
    private long dueBefore() {
        return (long) ((surgeNanos - startNanos) * rateBefore() / 1e9);
    }

    @Override
    public long due(long nowNanos) {
        return nowNanos < surgeNanos
                ? Math.max(0, (long) ((nowNanos - startNanos) * rateBefore() / 1e9))
                : dueBefore() + (long) ((nowNanos - surgeNanos) * rateAfter() / 1e9);
    }

    @Override
    public long dueNanos(long number) {
        return number < dueBefore()
                ? startNanos + (long) (number * 1e9 / rateBefore())
                : surgeNanos + (long) ((number - dueBefore()) * 1e9 / rateAfter());
    }

    /** The order: in turn before; afterwards the first flow stands between all others and takes its share. */
    public FlowOrder order() {
        return new FlowOrder() {
            private final FlowOrder others = FlowOrder.inTurn(flows - 1);
            private int turn;

            @Override
            public int next() {
                boolean surged = System.nanoTime() >= surgeNanos;
                int round = surged ? flows - 1 + FACTOR : flows;
                turn = turn + 1 >= round ? 0 : turn + 1;
                // Spread evenly: the first flow's packets are those that bring its share to the next whole number.
                int first = surged ? FACTOR : 1;
                boolean isFirst = (turn + 1) * first / round > turn * first / round;
                return isFirst ? 0 : 1 + others.next();
            }
        };
    }
}
