/** Netlink: interfaces, addresses and routes read, changed and watched (rtnetlink), and the NAPIs of an interface. */
@NullMarked
package dev.peregrine.dataplane.linux.netlink;

import org.jspecify.annotations.NullMarked;
