/** Connection tracking: the table of established flows, and the states that TCP, UDP and ICMP take them through. */
@NullMarked
package dev.peregrine.dataplane.policy.conntrack;

import org.jspecify.annotations.NullMarked;
