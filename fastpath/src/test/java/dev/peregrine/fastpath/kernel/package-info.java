@NullMarked
package dev.peregrine.fastpath.kernel;

import org.jspecify.annotations.NullMarked;
