package dev.peregrine.gateway.config;

import java.util.Map;

/** The ids of the kinds of devices, which Falcon hashes together with the flow. */
public record DeviceIdsConfig(int underlay, int vtep, int bridge, int port) {
    /** By kind, as devices are named. */
    public Map<String, Integer> byKind() {
        return Map.of("underlay", underlay, "vtep", vtep, "bridge", bridge, "port", port);
    }
}
