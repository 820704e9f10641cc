package dev.peregrine.dataplane.device;

import dev.peregrine.dataplane.packet.Packet;

/** The VLAN tags of a frame (IEEE 802.1Q), read from its bytes. */
final class Tags {
    static final int ETHERNET_LENGTH = 14;
    static final int LENGTH = 4;

    private static final int TYPE = 12;
    private static final int CUSTOMER = 0x8100;
    private static final int SERVICE = 0x88a8;

    private Tags() {}

    /** Number of tags in front of the payload: 0, 1 or 2. */
    static int count(Packet packet) {
        if (!isTag(packet.getShort(TYPE))) {
            return 0;
        }
        boolean second = packet.headLength() >= ETHERNET_LENGTH + LENGTH && isTag(packet.getShort(TYPE + LENGTH));
        return second ? 2 : 1;
    }

    private static boolean isTag(int etherType) {
        return etherType == CUSTOMER || etherType == SERVICE;
    }
}
