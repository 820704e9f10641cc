/**
 * Which CPU a worker is to run on: who receives for the underlay and where, as {@code /proc}, {@code /sys} and netlink
 * tell, and the choice that follows from it. Nothing in here changes the system.
 */
@NullMarked
package dev.peregrine.gateway.placement;

import org.jspecify.annotations.NullMarked;
