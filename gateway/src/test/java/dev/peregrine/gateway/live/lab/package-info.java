/**
 * The gateway as a user runs it: a process of its own in a network namespace, with real traffic from the Linux kernel's
 * VXLAN device, iperf3 and ping.
 *
 * <p>{@link dev.peregrine.testkit.live.Lab} makes the hosts; everything a test sends stays inside them. Where
 * namespaces or tools are missing the tests are skipped, and say so ({@link dev.peregrine.gateway.live.lab.LiveTest}).
 */
@NullMarked
package dev.peregrine.gateway.live.lab;

import org.jspecify.annotations.NullMarked;
