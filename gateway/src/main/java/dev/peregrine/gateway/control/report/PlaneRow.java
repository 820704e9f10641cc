package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code control list}: a control plane.
 *
 * @param state {@code connecting}, {@code syncing}, {@code live}, {@code away} or {@code refused}
 * @param sinceSeconds for how long
 * @param holdLeftSeconds after which time its claims go; null while it is live, or for ever
 * @param claims that it makes
 * @param held claims that were withdrawn and still count
 * @param guarded claims whose removal waits, since it lost most of what it had
 * @param refused claims that were not believed since the start
 * @param announced claims of this gateway that it holds
 * @param lastError why it is in its state, or the last claim that was not believed; null without
 */
public record PlaneRow(
        String plane,
        String type,
        String state,
        long sinceSeconds,
        @Nullable Long holdLeftSeconds,
        int claims,
        int held,
        int guarded,
        long refused,
        int announced,
        @Nullable String lastError) {}
