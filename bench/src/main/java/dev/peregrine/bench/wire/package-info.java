/**
 * The end-to-end benchmark: the throughput and latency that a container gets through each overlay, between two hosts in
 * network namespaces.
 */
@NullMarked
package dev.peregrine.bench.wire;

import org.jspecify.annotations.NullMarked;
