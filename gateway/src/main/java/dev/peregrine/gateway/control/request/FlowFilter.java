package dev.peregrine.gateway.control.request;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which flows of the flow cache are wanted.
 *
 * @param filter the words of a FILTER; null for every flow
 */
public record FlowFilter(@Nullable List<String> filter) {
    /** The keywords of a FILTER, of flows and of packets. */
    public static final List<String> KEYWORDS = List.of("vni", "src", "dst", "port", "proto", "drop");
}
