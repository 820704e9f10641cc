@NullMarked
package dev.peregrine.fastpath;

import org.jspecify.annotations.NullMarked;
