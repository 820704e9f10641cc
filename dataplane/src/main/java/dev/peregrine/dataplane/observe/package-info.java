/**
 * The parts by which others look at packets: a filter that chooses them, a ring that carries what was seen from a
 * worker to a thread that has time for it, frames as they are on the wire, and the file format that other tools read.
 *
 * <p>Nothing here decides about a packet.
 */
@NullMarked
package dev.peregrine.dataplane.observe;

import org.jspecify.annotations.NullMarked;
