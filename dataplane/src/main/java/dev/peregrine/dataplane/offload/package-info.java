/**
 * Aggregate early, segment late: merging datagrams into superframes and cutting superframes into segments.
 */
@NullMarked
package dev.peregrine.dataplane.offload;

import org.jspecify.annotations.NullMarked;
