/** The underlay over UDP sockets of its own, by {@code recvmmsg} and {@code sendmmsg}, or over Netty's channels. */
@NullMarked
package dev.peregrine.vxlan.underlay.socket;

import org.jspecify.annotations.NullMarked;
