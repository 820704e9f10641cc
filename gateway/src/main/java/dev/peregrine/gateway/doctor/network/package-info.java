/** Checks of the underlay: address, port, paths, buffers, offloads, firewall, checksums, losses. */
@NullMarked
package dev.peregrine.gateway.doctor.network;

import org.jspecify.annotations.NullMarked;
