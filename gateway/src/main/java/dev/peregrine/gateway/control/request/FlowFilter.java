package dev.peregrine.gateway.control.request;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which flows of the flow cache are wanted.
 *
 * @param filter the words of a FILTER; null for every flow
 */
public record FlowFilter(@Nullable List<String> filter) {}
