@NullMarked
package dev.peregrine.bench.wire;

import org.jspecify.annotations.NullMarked;
