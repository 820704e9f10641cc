package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code drop list}. The fields that begin with {@code last} tell of one packet of the last second in which
 * there were drops for this reason, as far as the packet was known to whoever dropped it.
 *
 * @param reason the constant's name
 * @param count packets since the start
 * @param perSecond packets in the last full second, as the control thread counts once a second
 * @param lastSeconds how long ago the count rose, at most a second too little; null if it never did
 * @param lastVni of the packet; one that is not configured here too
 * @param lastVtep that it came from or was to go to
 * @param lastPort that it came in by or was to leave by
 * @param lastMac its source
 * @param lastError why the kernel refused it, as {@code EPERM (operation not permitted)}
 * @param text one sentence
 */
public record DropRow(
        String reason,
        long count,
        long perSecond,
        @Nullable Long lastSeconds,
        @Nullable Integer lastVni,
        @Nullable String lastVtep,
        @Nullable String lastPort,
        @Nullable String lastMac,
        @Nullable String lastError,
        String text) {}
