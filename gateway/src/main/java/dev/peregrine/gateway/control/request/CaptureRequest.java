package dev.peregrine.gateway.control.request;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which frames to capture, where, and how long.
 *
 * @param at {@code underlay}, {@code port} or {@code drops}; null for everywhere
 * @param port the name of the port, if {@code at} is {@code port}
 * @param pcapng whether the lines are parts of a pcapng file; otherwise they are words
 * @param snapLength bytes to keep of each frame, from 1; null for 262,144
 * @param count frames at most, from 1; null for 1,000,000
 * @param seconds at most, from 1; null for 600
 * @param filter the words of a FILTER; null for every packet
 */
public record CaptureRequest(
        @Nullable String at,
        @Nullable String port,
        boolean pcapng,
        @Nullable Integer snapLength,
        @Nullable Integer count,
        @Nullable Integer seconds,
        @Nullable List<String> filter) {}
