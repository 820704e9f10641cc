@NullMarked
package dev.peregrine.load.sink;

import org.jspecify.annotations.NullMarked;
