@NullMarked
package dev.peregrine.load.perf.traffic;

import org.jspecify.annotations.NullMarked;
