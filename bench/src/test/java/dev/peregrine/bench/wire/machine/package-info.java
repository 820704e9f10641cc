@NullMarked
package dev.peregrine.bench.wire.machine;

import org.jspecify.annotations.NullMarked;
