@NullMarked
package dev.peregrine.bench.load.perf;

import org.jspecify.annotations.NullMarked;
