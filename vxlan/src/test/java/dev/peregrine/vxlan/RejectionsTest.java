package dev.peregrine.vxlan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.vxlan.Rejections.Rejection;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class RejectionsTest {
    @Test
    void eachKindIsKeptOnce() {
        Rejections rejections = new Rejections();
        for (int round = 0; round < 3; round++) {
            rejections.note(0, 7, 43);
            rejections.note(0, 7, 44);
            rejections.note(1, 7, 43);
        }
        List<Rejection> expected = List.of(new Rejection(0, 7, 43), new Rejection(0, 7, 44), new Rejection(1, 7, 43));
        assertEquals(expected, rejections.since(0));
        assertEquals(expected.subList(2, 3), rejections.since(2));
        assertEquals(new Rejection(1, 7, 43), rejections.last());
        rejections.note(0, 7, 44);
        assertEquals(new Rejection(0, 7, 44), rejections.last());
        assertFalse(rejections.isFull());
    }

    @Test
    void theirNumberIsBounded() {
        Rejections rejections = new Rejections();
        for (int vni = 0; vni < Rejections.CAPACITY; vni++) rejections.note(0, 7, vni);
        assertFalse(rejections.isFull());
        for (int vni = 0; vni < 100_000; vni++) rejections.note(vni, 8, vni);
        assertTrue(rejections.isFull());
        assertEquals(Rejections.CAPACITY, rejections.since(0).size());
        rejections.note(0, 7, 5);
        assertEquals(new Rejection(0, 7, 5), rejections.last(), "those that are kept are found in the full table");
    }

    @Test
    void theTableOfVtepsKeepsAddressesThatAreNotAllowed() {
        VtepTable vteps = new VtepTable(4789, 16);
        vteps.allow(AllowList.of(List.of(Prefix.of(InetAddress.ofLiteral("198.18.0.1")))));
        IpAddress allowed = IpAddress.of(InetAddress.ofLiteral("198.18.0.1"));
        IpAddress stranger = IpAddress.of(InetAddress.ofLiteral("fd00::7"));
        assertTrue(vteps.port(allowed.high(), allowed.low()) >= 0);
        assertEquals(Packet.NO_PORT, vteps.port(stranger.high(), stranger.low()));
        assertEquals(
                List.of(new Rejection(stranger.high(), stranger.low(), -1)),
                vteps.rejections().since(0));
    }

    @Test
    void addressesAreOrderedByTheirNumbers() {
        List<String> inOrder = List.of("10.0.0.9", "10.0.0.10", "198.18.0.1", "fd00::2", "fd00::10", "fe80::1");
        assertEquals(
                inOrder,
                inOrder.reversed().stream()
                        .map(InetAddress::ofLiteral)
                        .map(IpAddress::of)
                        .sorted()
                        .map(IpAddress::toString)
                        .toList());
    }
}
