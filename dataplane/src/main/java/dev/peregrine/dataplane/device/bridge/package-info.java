/** The bridge: stages that learn, forward, and see to the MTU, by a clamped MSS or an answer to the sender. */
@NullMarked
package dev.peregrine.dataplane.device.bridge;

import org.jspecify.annotations.NullMarked;
