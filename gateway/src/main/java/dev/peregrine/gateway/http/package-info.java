/**
 * Metrics and health over HTTP/1.1, for Prometheus and for those who probe whether the gateway lives and is ready.
 * Answers {@code GET} and {@code HEAD} alone; changes nothing.
 */
@NullMarked
package dev.peregrine.gateway.http;

import org.jspecify.annotations.NullMarked;
