package dev.peregrine.gateway.config.rules;

import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.schema.Reading;

/**
 * Settings that the configuration can have but this version does not follow: refused where packets would go another
 * way than the file says, a warning where they only go slower. The one place to remove a line from when
 * the feature arrives.
 */
public final class Availability {
    private final Reading reading;

    /** Reports to {@code reading}. */
    public Availability(Reading reading) {
        this.reading = reading;
    }

    /** Reports the keys that this version does not follow. */
    public void check(GatewayConfig config) {
        if (config.control().http().isPresent()) {
            reading.warning(config.control(), "http", "without effect: this version does not serve HTTP");
        }
    }
}
