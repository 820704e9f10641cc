/** The machine's CPUs: their time for a measurement, and their other users. */
@NullMarked
package dev.peregrine.bench.machine;

import org.jspecify.annotations.NullMarked;
