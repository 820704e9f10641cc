/**
 * Ports: where frames of workloads enter and leave the devices, with their counts, MTU, and the MTUs of paths to VTEPs.
 */
@NullMarked
package dev.peregrine.dataplane.device.port;

import org.jspecify.annotations.NullMarked;
