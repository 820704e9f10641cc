package dev.peregrine.gateway.tier;

import dev.peregrine.fastpath.view.FlowEntry;
import dev.peregrine.gateway.worker.EventLoopLane;

/**
 * A flow that is in the kernel. Its worker's cache may have forgotten it.
 *
 * @param lane of the worker that counts its packets
 */
public record Known(EventLoopLane lane, FlowEntry flow) {}
