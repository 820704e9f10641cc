@NullMarked
package dev.peregrine.dataplane.endpoint.socket;

import org.jspecify.annotations.NullMarked;
