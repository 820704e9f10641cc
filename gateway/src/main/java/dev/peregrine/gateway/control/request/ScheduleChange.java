package dev.peregrine.gateway.control.request;

import dev.peregrine.gateway.control.Requests;
import org.jspecify.annotations.Nullable;

/**
 * The schedule to change to, without loss.
 *
 * @param mode a word of the configuration's {@code schedule.mode}
 * @param balance a word of {@code schedule.balance}; null: as configured
 * @param split whether to split the receiving device; null: as configured
 */
public record ScheduleChange(
        String mode, @Nullable String balance, @Nullable Boolean split) {
    public ScheduleChange {
        Requests.required(mode, "mode");
    }
}
