/**
 * Named experiments, {@code peregrine bench}: what each measures, rounds that interleave, and the report. The gateway that
 * they measure is in {@link dev.peregrine.bench.chain}.
 */
@NullMarked
package dev.peregrine.bench.experiment;

import org.jspecify.annotations.NullMarked;
