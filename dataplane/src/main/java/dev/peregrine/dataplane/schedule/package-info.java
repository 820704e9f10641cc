/**
 * Where stages run: the graph of devices, its instantiation for each worker, and the worker's turn.
 */
@NullMarked
package dev.peregrine.dataplane.schedule;

import org.jspecify.annotations.NullMarked;
