@NullMarked
package dev.peregrine.bench.falcon;

import org.jspecify.annotations.NullMarked;
