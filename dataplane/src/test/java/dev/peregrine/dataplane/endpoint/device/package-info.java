@NullMarked
package dev.peregrine.dataplane.endpoint.device;

import org.jspecify.annotations.NullMarked;
