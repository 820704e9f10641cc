/** What planes that speak HTTP share: TLS by PEM files, and pauses between tries. */
@NullMarked
package dev.peregrine.controlplane.http;

import org.jspecify.annotations.NullMarked;
