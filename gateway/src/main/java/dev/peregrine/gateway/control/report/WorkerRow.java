package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code worker list}.
 *
 * @param cpu that it is pinned to; null: none
 * @param load percent of the time in which it had work: a running mean, which reads 96 at most
 * @param packets carried
 * @param handOffs packets given to other workers
 * @param wakeUps times that it was raised from idleness by another worker
 * @param reorders packets that it delivered after later ones of their flow, among one of 64 flows
 * @param queueDepth packets that wait for it in links from other workers
 * @param parked packets that wait until their flow may change its path
 * @param buffers of its pool
 * @param poolEmpty how often it found no buffer free: what it could not receive then, the kernel keeps or counts as
 *     dropped
 */
public record WorkerRow(
        String name,
        @Nullable Integer cpu,
        double load,
        long packets,
        long handOffs,
        long wakeUps,
        long reorders,
        int queueDepth,
        int parked,
        @JsonOnly int buffers,
        long poolEmpty) {}
