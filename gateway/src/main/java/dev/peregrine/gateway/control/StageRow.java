package dev.peregrine.gateway.control;

/**
 * A row of {@code stage list}: one stage of one device on one worker.
 *
 * @param packets handled, a superframe as one
 * @param segments handled, a superframe as its segments
 * @param drops segments
 * @param nanosPerPacket average cost
 * @param batchSize average packets per batch
 * @param queueDepth packets that wait in front of it
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
        int queueDepth) {}
