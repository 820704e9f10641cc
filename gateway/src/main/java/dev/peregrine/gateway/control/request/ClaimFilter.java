package dev.peregrine.gateway.control.request;

import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Vni;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Which claims to list: those that match everything given. */
public record ClaimFilter(
        @Nullable Vni vni,
        @Nullable MacAddress mac,
        @Nullable InetAddress vtep) {}
