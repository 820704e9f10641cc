package dev.peregrine.gateway.control.request.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which flows of the connection table are meant. The source is the end that sent the first packet.
 *
 * @param filter the words of a FILTER without {@code drop}; null for every flow
 */
public record StateFilter(@Nullable List<String> filter) {}
