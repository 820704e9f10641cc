package dev.peregrine.gateway.config.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The ids of the kinds of devices, which Falcon hashes together with the flow.
 *
 * @param byKind as devices are named, in the order of the chain
 */
public record DeviceIdsConfig(Map<String, Integer> byKind) {
    public DeviceIdsConfig {
        byKind = Collections.unmodifiableMap(new LinkedHashMap<>(byKind));
    }

    /** The id of a kind that the key table has. */
    public int of(String kind) {
        return Objects.requireNonNull(byKind.get(kind), kind);
    }
}
