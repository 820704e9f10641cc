/** The forwarding database: its table, each worker's way to look it up, and the queues by which workers report. */
@NullMarked
package dev.peregrine.dataplane.device.fdb;

import org.jspecify.annotations.NullMarked;
