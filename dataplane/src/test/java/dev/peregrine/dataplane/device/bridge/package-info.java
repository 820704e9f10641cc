@NullMarked
package dev.peregrine.dataplane.device.bridge;

import org.jspecify.annotations.NullMarked;
