@NullMarked
package dev.peregrine.dataplane.linux.netlink.bridge;

import org.jspecify.annotations.NullMarked;
