@NullMarked
package dev.peregrine.load;

import org.jspecify.annotations.NullMarked;
