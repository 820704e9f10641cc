package dev.peregrine.gateway.control.request.policy;

import dev.peregrine.gateway.control.Vni;
import org.jspecify.annotations.Nullable;

/** The owner of the rules to list: those of a VNI, those of a port, or all. */
public record PolicyFilter(@Nullable Vni vni, @Nullable String port) {}
