@NullMarked
package dev.peregrine.bench.econ;

import org.jspecify.annotations.NullMarked;
