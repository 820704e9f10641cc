@NullMarked
package dev.peregrine.dataplane.device.port;

import org.jspecify.annotations.NullMarked;
