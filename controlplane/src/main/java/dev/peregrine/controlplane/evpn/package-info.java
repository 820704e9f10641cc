/**
 * BGP EVPN (RFC 7432, RFC 8365) through FRR: bgpd speaks it, zebra turns routes into forwarding entries of the kernel,
 * and this package keeps shadow devices for it to do so, from which it reads, and in which it announces.
 */
@NullMarked
package dev.peregrine.controlplane.evpn;

import org.jspecify.annotations.NullMarked;
