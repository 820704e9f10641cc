@NullMarked
package dev.peregrine.bench.load;

import org.jspecify.annotations.NullMarked;
