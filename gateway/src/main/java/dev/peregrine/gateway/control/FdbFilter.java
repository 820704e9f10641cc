package dev.peregrine.gateway.control;

import java.util.OptionalInt;

/** Which FDB entries to list; an empty VNI is every one. */
public record FdbFilter(OptionalInt vni) {}
