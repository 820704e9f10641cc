package dev.peregrine.gateway.config.model.plane;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The control planes of a gateway, and how their claims are believed.
 *
 * @param hold how long claims of a plane that is away stay; empty: for ever
 * @param withdrawDelay how long what a plane withdraws stays
 * @param shrinkHold how long removals wait when a plane loses most of what it had
 * @param drainDelay from the withdrawal of what the gateway announces to the end of its ports
 * @param cache the folder of each plane's last picture; empty: none is kept
 */
public record PlanesConfig(
        Optional<Duration> hold,
        Duration withdrawDelay,
        Duration shrinkHold,
        Duration drainDelay,
        Optional<Path> cache,
        DuplicateConfig duplicate,
        List<PlaneConfig> planes) {
    public PlanesConfig {
        planes = List.copyOf(planes);
    }

    /** The same rules for other planes. */
    public PlanesConfig with(List<PlaneConfig> others) {
        return new PlanesConfig(hold, withdrawDelay, shrinkHold, drainDelay, cache, duplicate, others);
    }

    /** The plane of a name; empty where there is none. */
    public Optional<PlaneConfig> plane(String name) {
        return planes.stream().filter(plane -> plane.name().equals(name)).findFirst();
    }
}
