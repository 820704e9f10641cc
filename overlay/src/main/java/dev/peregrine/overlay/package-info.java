/**
 * A gateway without its surroundings: the graph of devices that every packet walks, and for each worker a lane with its
 * instance of that graph. The gateway puts sockets and event loops around it; testkit and bench put memory and threads
 * of their own.
 */
@NullMarked
package dev.peregrine.overlay;

import org.jspecify.annotations.NullMarked;
