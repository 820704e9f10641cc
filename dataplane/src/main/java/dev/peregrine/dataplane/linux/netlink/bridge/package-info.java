/**
 * The kernel's bridges and VXLAN devices through rtnetlink: devices made, forwarding and neighbour entries read,
 * written and watched.
 */
@NullMarked
package dev.peregrine.dataplane.linux.netlink.bridge;

import org.jspecify.annotations.NullMarked;
