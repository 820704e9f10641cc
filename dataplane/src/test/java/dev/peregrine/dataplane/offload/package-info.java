@NullMarked
package dev.peregrine.dataplane.offload;

import org.jspecify.annotations.NullMarked;
