@NullMarked
package dev.peregrine.load.gen;

import org.jspecify.annotations.NullMarked;
