/**
 * The seam towards workloads: TAP devices and sockets that frames are delivered to and come from.
 */
@NullMarked
package dev.peregrine.dataplane.endpoint;

import org.jspecify.annotations.NullMarked;
