@NullMarked
package dev.peregrine.bench.experiment;

import org.jspecify.annotations.NullMarked;
