/**
 * A gateway in memory to experiment on: the real devices, joined by the gateway's own wiring and run by its workers on
 * pinned threads, between a source of datagrams and destinations that cost next to nothing.
 */
@NullMarked
package dev.peregrine.bench.chain;

import org.jspecify.annotations.NullMarked;
