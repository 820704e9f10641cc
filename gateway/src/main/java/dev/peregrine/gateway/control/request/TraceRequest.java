package dev.peregrine.gateway.control.request;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which packets to follow, and how long.
 *
 * @param count packets at most, from 1; null for 10
 * @param seconds at most, from 1; null for 60
 * @param filter the words of a FILTER; null for every packet
 */
public record TraceRequest(
        @Nullable Integer count,
        @Nullable Integer seconds,
        @Nullable List<String> filter) {}
