/**
 * Frames in memory: pooled off-heap buffers, the packets that view them, and the batches that carry them.
 */
@NullMarked
package dev.peregrine.dataplane.packet;

import org.jspecify.annotations.NullMarked;
