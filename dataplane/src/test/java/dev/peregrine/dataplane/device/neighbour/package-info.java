@NullMarked
package dev.peregrine.dataplane.device.neighbour;

import org.jspecify.annotations.NullMarked;
