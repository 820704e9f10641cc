/** The outcome: samples, comparisons, checks, and the files they are written to. */
@NullMarked
package dev.peregrine.bench.wire.report;

import org.jspecify.annotations.NullMarked;
