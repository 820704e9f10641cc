package dev.peregrine.gateway.control;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code worker list}.
 *
 * @param cpu that it is pinned to; null: none
 * @param load percent of the time in which it had work
 * @param packets carried
 * @param handOffs packets given to other workers
 * @param wakeUps times that it was raised from idleness by another worker
 * @param reorders packets that overtook others of their flow
 */
public record WorkerRow(
        String name, @Nullable Integer cpu, double load, long packets, long handOffs, long wakeUps, long reorders) {}
