/** Datagram and packet sockets with their addresses, and the vectors of messages that one call receives or sends. */
@NullMarked
package dev.peregrine.dataplane.linux.socket;

import org.jspecify.annotations.NullMarked;
