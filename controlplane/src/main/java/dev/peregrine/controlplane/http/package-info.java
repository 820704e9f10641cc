/** The shared parts of planes that speak HTTP: TLS by PEM files, pauses between tries, and texts of others. */
@NullMarked
package dev.peregrine.controlplane.http;

import org.jspecify.annotations.NullMarked;
