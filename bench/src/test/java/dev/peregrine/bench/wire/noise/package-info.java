@NullMarked
package dev.peregrine.bench.wire.noise;

import org.jspecify.annotations.NullMarked;
