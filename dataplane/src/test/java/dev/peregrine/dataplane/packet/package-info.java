@NullMarked
package dev.peregrine.dataplane.packet;

import org.jspecify.annotations.NullMarked;
