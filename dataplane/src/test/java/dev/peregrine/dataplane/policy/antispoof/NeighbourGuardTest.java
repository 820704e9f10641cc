package dev.peregrine.dataplane.policy.antispoof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NeighbourGuardTest {
    private static final long OWN = 0x0200_0000_0001L;
    private static final long OTHER = 0x0200_0000_0099L;
    private static final String OWN_IP = "fd00::1";
    private static final String OTHER_IP = "fd00::99";

    private final PacketPool pool = new PacketPool(4, 4);
    private final SourceGuard guard = guard().build();

    private static SourceGuard.Builder guard() {
        return SourceGuard.builder().mac(OWN).ipv6(0xfd00L << 48, 1, 128);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private @Nullable DropReason check(SourceGuard with, FrameBuilder frame) {
        Packet packet = Packets.frame(pool, frame.build());
        DropReason reason = with.violation(packet);
        pool.release(packet);
        return reason;
    }

    private @Nullable DropReason check(FrameBuilder frame) {
        return check(guard, frame);
    }

    private static FrameBuilder message(int type, String source, byte[]... parts) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            payload.writeBytes(part);
        }
        return FrameBuilder.ip(58, source, "ff02::1")
                .macs(0x3333_0000_0001L, OWN)
                .icmpType(type)
                .ttl(255)
                .payload(payload.toByteArray());
    }

    private static byte[] address(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }

    private static byte[] option(int type, long mac) {
        return ByteBuffer.allocate(8)
                .putLong(mac)
                .put(0, (byte) type)
                .put(1, (byte) 1)
                .array();
    }

    @Test
    void letsOwnMessagesPass() {
        assertNull(check(message(135, OWN_IP, address(OTHER_IP), option(1, OWN))));
        assertNull(check(message(136, OWN_IP, address(OWN_IP), option(2, OWN))));
        assertNull(check(message(136, OWN_IP, address("fe80::ff:fe00:1"), option(2, OWN))));
        assertNull(check(message(136, OWN_IP, address(OWN_IP))));
        assertNull(check(message(133, "fe80::ff:fe00:1", option(1, OWN))));
    }

    @Test
    void dropsClaimsOfForeignAddresses() {
        assertEquals(DropReason.SPOOFED_ND, check(message(135, OWN_IP, address(OTHER_IP), option(1, OTHER))));
        assertEquals(DropReason.SPOOFED_ND, check(message(136, OWN_IP, address(OTHER_IP), option(2, OWN))));
        assertEquals(DropReason.SPOOFED_ND, check(message(136, OWN_IP, address(OWN_IP), option(2, OTHER))));
        assertEquals(DropReason.SPOOFED_ND, check(message(133, OWN_IP, option(1, OTHER))));
        assertEquals(
                DropReason.SPOOFED_ND,
                check(message(136, OWN_IP, address(OWN_IP), option(14, 0), option(2, OTHER))),
                "behind another option");
        assertEquals(DropReason.SPOOFED_SOURCE_ADDRESS, check(message(136, OTHER_IP, address(OTHER_IP))));
    }

    @Test
    void letsDuplicateAddressDetectionOfOwnAddressesPass() {
        assertNull(check(message(135, "::", address(OWN_IP))));
        assertNull(check(message(135, "::", address(OWN_IP), option(14, 0x1234))), "nonce, RFC 7527");
        assertNull(check(message(135, "::", address("fe80::ff:fe00:1"))));
        assertNull(check(message(133, "::")));
        assertNull(check(message(143, "::", new byte[20])));
        assertEquals(DropReason.SPOOFED_ND, check(message(135, "::", address(OTHER_IP))));
        assertEquals(DropReason.SPOOFED_ND, check(message(135, "::", address(OWN_IP), option(1, OWN))));
        assertEquals(DropReason.SPOOFED_SOURCE_ADDRESS, check(message(136, "::", address(OWN_IP))));
        assertEquals(DropReason.SPOOFED_SOURCE_ADDRESS, check(message(128, "::", new byte[8])));
    }

    @Test
    void letsOnlyRoutersAdvertiseAndRedirect() {
        FrameBuilder advertisement = message(134, OWN_IP, new byte[8], option(1, OWN));
        FrameBuilder redirect = message(137, OWN_IP, address(OTHER_IP), address(OTHER_IP), option(2, OTHER));
        assertEquals(DropReason.SPOOFED_ND, check(advertisement));
        assertEquals(DropReason.SPOOFED_ND, check(redirect));
        SourceGuard router = guard().router().build();
        assertNull(check(router, advertisement));
        assertNull(check(router, redirect));
        assertEquals(DropReason.SPOOFED_ND, check(router, message(134, OWN_IP, new byte[8], option(1, OTHER))));
    }

    @Test
    void dropsWhatReceiversHaveToIgnore() {
        assertEquals(
                DropReason.SPOOFED_ND,
                check(message(135, OWN_IP, address(OTHER_IP)).ttl(254)));
        assertEquals(DropReason.SPOOFED_ND, check(message(135, OWN_IP, new byte[8])), "too short");
        assertEquals(
                DropReason.SPOOFED_ND,
                check(message(135, OWN_IP, address(OTHER_IP), new byte[8])),
                "option of length 0");
        assertEquals(
                DropReason.SPOOFED_ND,
                check(message(135, OWN_IP, address(OTHER_IP), new byte[] {14, 2, 0, 0, 0, 0, 0, 0})),
                "option past the end");
    }

    @Test
    void dropsWhatHidesInFragmentsAndExtensions() {
        byte[] firstFragment = {58, 0, 0, 1, 0, 0, 0, 9};
        assertEquals(
                DropReason.SPOOFED_ND,
                check(message(136, OWN_IP, address(OWN_IP)).extensions(44, firstFragment)),
                "RFC 6980");
        byte[] chainAcrossFragments = {60, 0, 0, 1, 0, 0, 0, 9, 58, 40, 0, 0, 0, 0, 0, 0};
        assertEquals(
                DropReason.SPOOFED_ND,
                check(message(134, OWN_IP, new byte[8]).extensions(44, chainAcrossFragments)),
                "RFC 7112");
        byte[] laterFragment = {58, 0, 0, 64, 0, 0, 0, 9};
        assertNull(check(message(134, OWN_IP, new byte[8]).extensions(44, laterFragment)));
        byte[] longChain = new byte[9 * 8];
        for (int i = 0; i < 9; i++) {
            longChain[i * 8] = (byte) (i == 8 ? 58 : 60);
        }
        assertEquals(
                DropReason.SPOOFED_ND, check(message(134, OWN_IP, new byte[8]).extensions(60, longChain)));
        byte[] options = {58, 0, 1, 4, 0, 0, 0, 0};
        assertEquals(
                DropReason.SPOOFED_ND, check(message(134, OWN_IP, new byte[8]).extensions(60, options)), "RFC 7113");
    }
}
