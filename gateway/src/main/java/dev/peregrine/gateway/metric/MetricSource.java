package dev.peregrine.gateway.metric;

/** Where values of metrics come from. */
@FunctionalInterface
public interface MetricSource {
    /** Adds the values as they are now. On the control thread; neither stops nor waits for a worker. */
    void collect(Samples samples);
}
