package dev.peregrine.gateway.control.request;

import dev.peregrine.gateway.control.Vni;
import org.jspecify.annotations.Nullable;

/** Which neighbours to list; a null VNI is every one. */
public record NeighbourFilter(@Nullable Vni vni) {}
