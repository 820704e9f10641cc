/**
 * Named experiments, {@code peregrine bench}: their cases, interleaved rounds, and the report. The gateway that they
 * measure is in {@link dev.peregrine.bench.chain}.
 */
@NullMarked
package dev.peregrine.bench.experiment;

import org.jspecify.annotations.NullMarked;
