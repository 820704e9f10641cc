@NullMarked
package dev.peregrine.bench.load.gen;

import org.jspecify.annotations.NullMarked;
