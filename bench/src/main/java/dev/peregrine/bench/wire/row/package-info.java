/** The measurements: the lines of the result, and the traffic behind them. */
@NullMarked
package dev.peregrine.bench.wire.row;

import org.jspecify.annotations.NullMarked;
