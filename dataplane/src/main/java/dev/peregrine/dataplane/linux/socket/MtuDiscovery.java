package dev.peregrine.dataplane.linux.socket;

/** {@code IP_MTU_DISCOVER} and {@code IPV6_MTU_DISCOVER}: when datagrams may be fragmented; see ip(7). */
public enum MtuDiscovery {
    /** Fragment at will; DF off. */
    DONT(0),
    /** Follow the route: DF on for datagrams that fit the path MTU, fragment larger ones. */
    WANT(1),
    /** DF always; sends over the path MTU fail with {@code EMSGSIZE}. */
    DO(2),
    /** DF always, and the cached path MTU is ignored: only the device's MTU limits sends. */
    PROBE(3);

    final int value;

    MtuDiscovery(int value) {
        this.value = value;
    }
}
