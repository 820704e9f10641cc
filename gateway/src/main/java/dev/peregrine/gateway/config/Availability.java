package dev.peregrine.gateway.config;

/**
 * Settings that the configuration can have but this version does not follow: refused where packets would go another
 * way than the file says, a warning where they only go slower. The one place to remove a line from when
 * the feature arrives.
 */
final class Availability {
    private final Reading reading;

    Availability(Reading reading) {
        this.reading = reading;
    }

    void check(GatewayConfig config) {
        if (config.control().http().isPresent()) {
            reading.warning(config.control(), "http", "without effect: this version does not serve HTTP");
        }
    }
}
