/** Experiments with the flow cache: what ECON claims, and what it leaves open. */
@NullMarked
package dev.peregrine.bench.econ;

import org.jspecify.annotations.NullMarked;
