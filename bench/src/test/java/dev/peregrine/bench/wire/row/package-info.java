@NullMarked
package dev.peregrine.bench.wire.row;

import org.jspecify.annotations.NullMarked;
