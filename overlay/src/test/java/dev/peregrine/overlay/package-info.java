@NullMarked
package dev.peregrine.overlay;

import org.jspecify.annotations.NullMarked;
