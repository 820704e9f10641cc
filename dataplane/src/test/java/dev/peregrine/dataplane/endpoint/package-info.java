@NullMarked
package dev.peregrine.dataplane.endpoint;

import org.jspecify.annotations.NullMarked;
