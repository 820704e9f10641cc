@NullMarked
package dev.peregrine.bench.chain;

import org.jspecify.annotations.NullMarked;
