package dev.peregrine.gateway.metric;

import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

/**
 * The process and its JVM: CPU time, descriptors, memory and garbage collection, by the names that all exporters use.
 */
public final class ProcessMetrics {
    private static final String POOLS = "jvm_memory_pool";

    private final PrometheusRegistry registry = new PrometheusRegistry();

    /** Those of this process. */
    public ProcessMetrics() {
        io.prometheus.metrics.instrumentation.jvm.ProcessMetrics.builder().register(registry);
        JvmMemoryMetrics.builder().register(registry);
        JvmGarbageCollectorMetrics.builder().register(registry);
    }

    /** The values as they are now; those of the heap and of the rest, not of each memory pool. */
    public MetricSnapshots collect() {
        return registry.scrape(name -> !name.startsWith(POOLS));
    }
}
