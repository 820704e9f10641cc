/** Anti-spoofing: which addresses a port may claim in Ethernet, ARP, neighbour discovery, IP and DHCP. */
@NullMarked
package dev.peregrine.dataplane.policy.antispoof;

import org.jspecify.annotations.NullMarked;
