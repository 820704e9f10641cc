/** The configuration as immutable records: the gateway, its underlay, workers, VNIs and ports. */
@NullMarked
package dev.peregrine.gateway.config.model;

import org.jspecify.annotations.NullMarked;
