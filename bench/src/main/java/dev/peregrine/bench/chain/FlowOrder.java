package dev.peregrine.bench.chain;

/** Which flow a source sends next. Belongs to one worker. */
@FunctionalInterface
public interface FlowOrder {
    /** The next packet's flow, from 0. */
    int next();

    /** One packet of each flow in turn. */
    static FlowOrder inTurn(int flows) {
        return new FlowOrder() {
            private int flow = -1;

            @Override
            public int next() {
                flow = flow + 1 == flows ? 0 : flow + 1;
                return flow;
            }
        };
    }
}
