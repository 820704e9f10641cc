package dev.peregrine.gateway.control;

import dev.peregrine.gateway.config.MacAddress;

/** What an FDB entry is found by. */
public record FdbKey(MacAddress mac, int vni) {}
