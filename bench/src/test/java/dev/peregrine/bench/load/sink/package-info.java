@NullMarked
package dev.peregrine.bench.load.sink;

import org.jspecify.annotations.NullMarked;
