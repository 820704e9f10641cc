/** Experiments with the flow cache: ECON's claims, and the problems that it leaves open. */
@NullMarked
package dev.peregrine.bench.econ;

import org.jspecify.annotations.NullMarked;
