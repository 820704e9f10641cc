@NullMarked
package dev.peregrine.controlplane.evpn;

import org.jspecify.annotations.NullMarked;
