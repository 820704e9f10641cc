/**
 * Endpoints of sockets: the payloads of UDP datagrams for an application, and the answers of a host that is not there.
 */
@NullMarked
package dev.peregrine.dataplane.endpoint.socket;

import org.jspecify.annotations.NullMarked;
