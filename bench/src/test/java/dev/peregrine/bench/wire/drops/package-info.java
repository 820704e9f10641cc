@NullMarked
package dev.peregrine.bench.wire.drops;

import org.jspecify.annotations.NullMarked;
