package dev.peregrine.dataplane.stage;

/**
 * A stage that keeps counts of its own in addition to those of its node: the traffic of a port, in wire packets and in
 * bytes of frames without tunnel headers. A flow cache adds the packets that it sends past the stage.
 */
public interface CountingStage extends Stage {
    /** The counts of this stage's worker. */
    Counters counters();
}
