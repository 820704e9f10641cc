@NullMarked
package dev.peregrine.dataplane.linux;

import org.jspecify.annotations.NullMarked;
