package dev.peregrine.gateway.observe;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One packet's way through the gateway.
 *
 * @param number among the packets of this trace, from 1
 * @param time when it came in, ISO 8601 with nanoseconds
 * @param from {@code underlay}, or {@code port NAME}
 * @param vtep the remote VTEP that it came from; null for a frame of a port, and where the VTEP is not allowed
 * @param length bytes of the inner frame, all segments together
 * @param segments wire packets that it stands for
 * @param segmentSize payload bytes of each segment but the last; 0 for a plain frame
 * @param frame its headers in words
 * @param result {@code sent}, {@code delivered}, {@code dropped}, {@code answered}, {@code consumed}, or {@code inside}
 *     when it was still in the gateway after a second; of a flooded packet, what became of the copy that was seen last
 * @param reason the drop reason; null when it was not dropped
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TracedPacket(
        long number,
        String time,
        String from,
        @Nullable String vtep,
        @Nullable Integer vni,
        int length,
        int segments,
        int segmentSize,
        String frame,
        String result,
        @Nullable String reason,
        List<Step> stages) {

    /**
     * The step of one stage or terminal.
     *
     * @param nanos since the packet came in
     * @param stage its address, or the terminal's name
     * @param verdict {@code arrived}, {@code forward}, {@code flood}, {@code answer}, {@code drop}, {@code consumed},
     *     {@code left}
     * @param to the next stage, where the verdict names it
     * @param egress the port that it is to leave by, once the bridge has chosen it
     * @param reason the drop reason; null when it was not dropped here
     * @param note what the flow cache has to say
     * @param skipped the stages that the fast path skips; null where it skips none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Step(
            long nanos,
            String worker,
            String stage,
            String verdict,
            @Nullable String to,
            @Nullable String egress,
            @Nullable String reason,
            @Nullable String note,
            @Nullable List<String> skipped) {}
}
