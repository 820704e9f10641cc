/**
 * The flow cache as those see it who look on: its flows, what became of a packet at a look-up, and where fast path and
 * chain differ.
 */
@NullMarked
package dev.peregrine.fastpath.view;

import org.jspecify.annotations.NullMarked;
