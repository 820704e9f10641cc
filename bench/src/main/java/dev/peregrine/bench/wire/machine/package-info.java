/** The machine's CPUs: what they spent on a measurement, and who else used them. */
@NullMarked
package dev.peregrine.bench.wire.machine;

import org.jspecify.annotations.NullMarked;
