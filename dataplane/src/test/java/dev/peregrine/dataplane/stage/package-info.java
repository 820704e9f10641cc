@NullMarked
package dev.peregrine.dataplane.stage;

import org.jspecify.annotations.NullMarked;
