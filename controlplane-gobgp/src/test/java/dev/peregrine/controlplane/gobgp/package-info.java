@NullMarked
package dev.peregrine.controlplane.gobgp;

import org.jspecify.annotations.NullMarked;
