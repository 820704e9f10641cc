@NullMarked
package dev.peregrine.dataplane;

import org.jspecify.annotations.NullMarked;
