@NullMarked
package dev.peregrine.dataplane.observe;

import org.jspecify.annotations.NullMarked;
