/**
 * Views over protocol headers and the arithmetic that belongs to them. A view is wrapped over a packet after
 * its length was checked; its accessors read and write bytes in network byte order.
 */
@NullMarked
package dev.peregrine.dataplane.header;

import org.jspecify.annotations.NullMarked;
