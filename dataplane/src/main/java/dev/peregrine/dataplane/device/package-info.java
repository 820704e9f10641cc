/** The virtual devices that a packet passes: ports and the bridge with its forwarding database. */
@NullMarked
package dev.peregrine.dataplane.device;

import org.jspecify.annotations.NullMarked;
