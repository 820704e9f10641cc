/**
 * Neighbour suppression: what is known of hosts behind VTEPs, and the stage that answers ARP and neighbour discovery.
 */
@NullMarked
package dev.peregrine.dataplane.device.neighbour;

import org.jspecify.annotations.NullMarked;
