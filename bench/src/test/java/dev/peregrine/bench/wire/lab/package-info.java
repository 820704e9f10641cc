@NullMarked
package dev.peregrine.bench.wire.lab;

import org.jspecify.annotations.NullMarked;
