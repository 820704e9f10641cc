/**
 * The parts that stand in the graph while somebody observes: the taps of each worker, and what they write down.
 */
@NullMarked
package dev.peregrine.gateway.observe.tap;

import org.jspecify.annotations.NullMarked;
