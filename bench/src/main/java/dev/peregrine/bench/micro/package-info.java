/** Micro-benchmarks (JMH), {@code scripts/bench micro}: the cost of the smallest parts, with all data in the cache. */
@NullMarked
package dev.peregrine.bench.micro;

import org.jspecify.annotations.NullMarked;
