/** {@code peregrine sink}: receives stamped datagrams, and reports throughput, loss, reordering and latency. */
@NullMarked
package dev.peregrine.load.sink;

import org.jspecify.annotations.NullMarked;
