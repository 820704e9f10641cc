/**
 * Which CPU a worker is to run on: who receives for the underlay and where, as {@code /proc}, {@code /sys} and netlink
 * tell, and the choice that follows from it. One class changes the system: {@link
 * dev.peregrine.gateway.placement.ReceiverSteering} binds NAPI threads for as long as they contend with a worker.
 */
@NullMarked
package dev.peregrine.gateway.placement;

import org.jspecify.annotations.NullMarked;
