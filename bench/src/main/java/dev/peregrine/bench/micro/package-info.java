/** Microbenchmarks, to be run by JMH's own main class. */
@NullMarked
package dev.peregrine.bench.micro;

import org.jspecify.annotations.NullMarked;
