/**
 * Sees single packets of a running gateway: {@code trace} follows them from stage to stage, {@code capture} writes them
 * down where they come in, leave, or end.
 *
 * <p>While nobody observes there is nothing of it in the graph. To observe, the graph is joined again with taps as
 * {@link dev.peregrine.dataplane.stage.Instruments}. Each worker's tap writes what it sees to a ring of its own, and
 * never waits; one thread reads the rings and sends what it finds to the client.
 */
@NullMarked
package dev.peregrine.gateway.observe;

import org.jspecify.annotations.NullMarked;
