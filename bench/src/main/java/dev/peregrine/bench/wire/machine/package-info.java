/** The machine's CPUs: their time for a measurement, and their other users. */
@NullMarked
package dev.peregrine.bench.wire.machine;

import org.jspecify.annotations.NullMarked;
