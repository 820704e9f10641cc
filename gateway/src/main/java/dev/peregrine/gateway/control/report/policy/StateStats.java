package dev.peregrine.gateway.control.report.policy;

/**
 * The connection table.
 *
 * @param entries flows now
 * @param places for flows; the table is full, by its fairness, a little before all are taken
 * @param opened flows that were let in
 * @param expired flows that fell silent, as far as their places have been freed
 * @param evicted flows that had to go for others before their time
 * @param refused flows that found no place: STATE_TABLE_FULL
 * @param flushed flows that were ended by a command
 */
public record StateStats(
        long entries, long places, long opened, long expired, long evicted, long refused, long flushed) {}
