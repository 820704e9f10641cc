package dev.peregrine.gateway.control.request;

import dev.peregrine.gateway.control.Vni;
import org.jspecify.annotations.Nullable;

/** Which FDB entries to list; a null VNI is every one. */
public record FdbFilter(@Nullable Vni vni) {}
