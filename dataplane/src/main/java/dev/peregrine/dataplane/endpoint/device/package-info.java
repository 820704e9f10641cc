/** Endpoints of devices: TAP devices and interfaces that frames are written to and read from behind a virtio header. */
@NullMarked
package dev.peregrine.dataplane.endpoint.device;

import org.jspecify.annotations.NullMarked;
