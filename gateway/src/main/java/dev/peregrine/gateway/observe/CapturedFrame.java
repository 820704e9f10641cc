package dev.peregrine.gateway.observe;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * A frame of a capture, in words.
 *
 * @param time when it was seen, ISO 8601 with nanoseconds
 * @param at {@code underlay}, {@code port NAME} or {@code drops}
 * @param direction {@code in}, {@code out} or {@code drop}
 * @param vtep the remote VTEP; null where there is none, or none that is known
 * @param length bytes of the inner frame
 * @param segment its number in its superframe, from 1; null for a plain frame
 * @param segments wire packets of its superframe; null for a plain frame
 * @param frame its headers in words
 * @param reason the drop reason; null when it was not dropped
 * @param stage where it was dropped
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record CapturedFrame(
        String time,
        String at,
        String direction,
        @Nullable String vtep,
        @Nullable Integer vni,
        int length,
        @Nullable Integer segment,
        @Nullable Integer segments,
        String frame,
        @Nullable String reason,
        @Nullable String stage) {}
