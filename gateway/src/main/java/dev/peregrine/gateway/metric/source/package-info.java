/** Where the values of the metrics come from: the counters of a running gateway, read on its control thread. */
@NullMarked
package dev.peregrine.gateway.metric.source;

import org.jspecify.annotations.NullMarked;
