@NullMarked
package dev.peregrine.controlplane.kubernetes;

import org.jspecify.annotations.NullMarked;
