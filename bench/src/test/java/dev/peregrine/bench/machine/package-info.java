@NullMarked
package dev.peregrine.bench.machine;

import org.jspecify.annotations.NullMarked;
