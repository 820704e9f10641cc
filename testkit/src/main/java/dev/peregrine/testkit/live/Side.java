package dev.peregrine.testkit.live;

import dev.peregrine.dataplane.testing.live.Namespace;

/**
 * One side of a lab.
 *
 * @param host where the VTEP is
 * @param device the host's end of the underlay
 * @param vtep the VTEP's address, of this device
 * @param container behind the VTEP
 * @param mac of the container's {@code eth0}
 * @param inner IPv4 address of the container's {@code eth0}, in a /24
 * @param inner6 its IPv6 address, in a /64, where it has one
 */
public record Side(
        Namespace host, String device, String vtep, Namespace container, String mac, String inner, String inner6) {
    /** Side A in a network, of host 1. */
    public static Side a(Underlay underlay, Namespace host, Namespace container) {
        return new Side(host, "uA", underlay.address(1), container, Lab.MAC_A, Lab.INNER_A, Lab.INNER6_A);
    }

    /** Side B in a network, of host 2. */
    public static Side b(Underlay underlay, Namespace host, Namespace container) {
        return new Side(host, "uB", underlay.address(2), container, Lab.MAC_B, Lab.INNER_B, Lab.INNER6_B);
    }
}
