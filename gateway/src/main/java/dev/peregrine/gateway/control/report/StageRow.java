package dev.peregrine.gateway.control.report;

/**
 * A row of {@code stage list}: one stage of one device on one worker.
 *
 * @param packets handled, a superframe as one
 * @param segments handled, a superframe as its segments
 * @param drops segments
 * @param nanosPerPacket average cost
 * @param batchSize average packets per batch
 * @param queueDepth packets that wait in front of it
 * @param copies wire packets that floods added here
 * @param answers replies that the stage made
 * @param consumed wire packets that were served with a reply
 */
public record StageRow(
        String device,
        String stage,
        String worker,
        long packets,
        long segments,
        long drops,
        double nanosPerPacket,
        double batchSize,
        int queueDepth,
        @JsonOnly long copies,
        @JsonOnly long answers,
        @JsonOnly long consumed) {}
