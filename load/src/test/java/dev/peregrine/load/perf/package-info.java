@NullMarked
package dev.peregrine.load.perf;

import org.jspecify.annotations.NullMarked;
