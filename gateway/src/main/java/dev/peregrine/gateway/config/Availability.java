package dev.peregrine.gateway.config;

import java.util.List;

/**
 * What the configuration can say but this version does not do: refused where packets would go another
 * way than the file says, a warning where they only go slower. The one place to remove a line from when
 * the feature arrives.
 */
final class Availability {
    private static final String ABSENT = ", which is not available in this version";

    private final Reading reading;

    Availability(Reading reading) {
        this.reading = reading;
    }

    void check(GatewayConfig config) {
        checkSchedule(config.schedule());
        if (config.control().http().isPresent()) {
            reading.warning(config.control(), "http", "without effect: this version does not serve HTTP");
        }
    }

    private void checkSchedule(ScheduleConfig schedule) {
        ScheduleConfig.Mode mode = schedule.mode();
        if (mode != ScheduleConfig.Mode.AUTO && mode != ScheduleConfig.Mode.RUN_TO_COMPLETION) {
            reading.error(schedule, "mode", Scalars.word(mode) + ABSENT, "auto or run-to-completion");
        }
        for (String key : List.of("loadThreshold", "balance", "sampleMillis")) {
            if (reading.origin(schedule).isGiven(key)) {
                reading.warning(schedule, key, "without effect: this version runs every packet to completion");
            }
        }
    }
}
