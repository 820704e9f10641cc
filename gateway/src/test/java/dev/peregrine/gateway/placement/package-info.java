@NullMarked
package dev.peregrine.gateway.placement;

import org.jspecify.annotations.NullMarked;
