/** Micro-benchmarks (JMH), {@code scripts/bench micro}: what the smallest parts cost, with everything in the cache. */
@NullMarked
package dev.peregrine.bench.micro;

import org.jspecify.annotations.NullMarked;
