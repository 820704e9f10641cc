package dev.peregrine.gateway.drops;

import org.jspecify.annotations.Nullable;

/** The known fields of a dropped packet, as users write them; null where one is not known. */
record DroppedPacket(
        @Nullable Integer vni,
        @Nullable String vtep,
        @Nullable String port,
        @Nullable String mac,
        @Nullable String error) {
    /** A packet of which nothing is known. */
    static final DroppedPacket UNKNOWN = new DroppedPacket(null, null, null, null, null);
}
