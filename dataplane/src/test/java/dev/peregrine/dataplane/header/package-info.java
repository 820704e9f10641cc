@NullMarked
package dev.peregrine.dataplane.header;

import org.jspecify.annotations.NullMarked;
