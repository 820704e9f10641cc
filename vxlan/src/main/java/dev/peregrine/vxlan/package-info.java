/**
 * VXLAN (RFC 7348): this VTEP and its segments, the remote VTEPs, and the two stages between inner frames and VXLAN
 * datagrams.
 */
@NullMarked
package dev.peregrine.vxlan;

import org.jspecify.annotations.NullMarked;
