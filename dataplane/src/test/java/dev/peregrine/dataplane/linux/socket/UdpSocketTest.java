package dev.peregrine.dataplane.linux.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.Loopback;
import java.net.StandardProtocolFamily;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class UdpSocketTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void refusesPortInUseAndSaysSo(String address) throws LinuxException {
        try (Loopback loopback = new Loopback(address);
                UdpSocket second = UdpSocket.open(loopback.destination.family())) {
            int port = loopback.receiver.localPort();
            assertFalse(second.tryBind(loopback.address, port));
            LinuxException e = assertThrows(LinuxException.class, () -> second.bind(loopback.address, port));
            assertEquals(Errno.EADDRINUSE, e.errno());
            assertTrue(e.getMessage().startsWith("bind(" + loopback.destination + "): EADDRINUSE ("), e.getMessage());
            assertTrue(e.getMessage().contains("another socket holds UDP port " + port), e.getMessage());
        }
    }

    @Test
    void sharesPortWithReusePort() throws LinuxException {
        try (UdpSocket first = UdpSocket.open(StandardProtocolFamily.INET);
                UdpSocket second = UdpSocket.open(StandardProtocolFamily.INET)) {
            first.reusePort(true);
            second.reusePort(true);
            first.bind(Loopback.ip("127.0.0.1"), 0);
            second.bind(Loopback.ip("127.0.0.1"), first.localPort());
            assertEquals(first.localPort(), second.localPort());
        }
    }

    @Test
    void saysThatAnAddressIsNotLocal() throws LinuxException {
        try (UdpSocket socket = UdpSocket.open(StandardProtocolFamily.INET)) {
            LinuxException e = assertThrows(LinuxException.class, () -> socket.bind(Loopback.ip("203.0.113.77"), 4789));
            assertEquals(Errno.EADDRNOTAVAIL, e.errno());
            assertTrue(e.getMessage().startsWith("bind(203.0.113.77:4789): EADDRNOTAVAIL"), e.getMessage());
        }
    }

    @Test
    void dropsEverythingBehindTheFilter() throws LinuxException {
        try (Loopback loopback = new Loopback("127.0.0.1")) {
            loopback.begin(10);
            loopback.sendOne();
            assertEquals(1, loopback.await());
            loopback.receiver.dropAll();
            loopback.sendOne();
            loopback.sendOne();
            assertEquals(0, loopback.drain());
            assertEquals(2, loopback.receiver.drops());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void takesOnlyDatagramsThatNameThePortOfTheFilter(String address) throws LinuxException {
        try (Loopback loopback = new Loopback(address)) {
            loopback.begin(10);
            loopback.receiver.dropAllBut(loopback.receiver.localPort() ^ 1);
            loopback.sendOne();
            assertEquals(0, loopback.drain());
            assertEquals(1, loopback.receiver.drops());
            loopback.receiver.dropAllBut(loopback.receiver.localPort());
            loopback.sendOne();
            assertEquals(1, loopback.await());
            assertEquals(1, loopback.receiver.drops());
        }
    }

    @ParameterizedTest
    @EnumSource(MtuDiscovery.class)
    void refusesOversizeDatagramsExactlyWhenFragmentingIsForbidden(MtuDiscovery mode) throws LinuxException {
        for (String address : new String[] {"127.0.0.1", "::1"}) {
            try (Loopback loopback = new Loopback(address)) {
                loopback.sender.mtuDiscovery(mode);
                loopback.begin(65_507); // With its headers longer than the loopback's MTU of 65,536 if IPv6.
                boolean fits = address.equals("127.0.0.1");
                boolean fragments = mode == MtuDiscovery.DONT || mode == MtuDiscovery.WANT;
                assertEquals(
                        fits || fragments ? 1 : -Errno.EMSGSIZE,
                        loopback.send.send(loopback.sender, 0, 1),
                        address + " " + mode);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void sendsWithoutChecksum(String address) throws LinuxException {
        try (Loopback loopback = new Loopback(address)) {
            loopback.sender.checksum(false);
            loopback.receiver.acceptZeroChecksum(true);
            loopback.begin(2_000);
            loopback.sendOne();
            assertEquals(1, loopback.await());

            loopback.send.control(0, -1, -1, 1_000);
            int refused = loopback.send.send(loopback.sender, 0, 1);
            assertTrue(refused == -Errno.EINVAL || refused == -Errno.EIO, () -> "gave " + Errno.name(refused));
        }
    }

    @Test
    void ipv6OnlySocketLeavesThePortToIpv4() throws LinuxException {
        try (UdpSocket ipv6 = UdpSocket.open(StandardProtocolFamily.INET6);
                UdpSocket ipv4 = UdpSocket.open(StandardProtocolFamily.INET)) {
            ipv6.ipv6Only(true);
            ipv6.bind(Loopback.ip("::"), 0);
            ipv4.bind(Loopback.ip("0.0.0.0"), ipv6.localPort());
            assertEquals(ipv6.localPort(), ipv4.localPort());
            assertTrue(ipv6.isIpv6());
            assertFalse(ipv4.isIpv6());
        }
    }

    @Test
    void saysWhatBufferWasGranted() throws LinuxException {
        try (UdpSocket socket = UdpSocket.open(StandardProtocolFamily.INET)) {
            assertEquals(50_000, socket.receiveBuffer(50_000));
            assertEquals(40_000, socket.sendBuffer(40_000));
            int granted = socket.receiveBuffer(64 << 20);
            assertTrue(granted > 50_000 && granted <= 64 << 20, "granted " + granted);
        }
    }

    @Test
    void bindsToDevice() throws LinuxException {
        try (Loopback loopback = new Loopback("127.0.0.1")) {
            loopback.receiver.bindToDevice("lo");
            loopback.begin(7);
            loopback.sendOne();
            assertEquals(1, loopback.await());
            LinuxException e = assertThrows(LinuxException.class, () -> loopback.sender.bindToDevice("lnx-none"));
            assertEquals(Errno.ENODEV, e.errno());
            assertTrue(e.getMessage().contains("SO_BINDTODEVICE lnx-none"), e.getMessage());
        }
    }

    @Test
    void closesOnce() throws LinuxException {
        UdpSocket socket = UdpSocket.open(StandardProtocolFamily.INET);
        assertTrue(socket.fd() >= 0);
        socket.close();
        try (UdpSocket reusesTheNumber = UdpSocket.open(StandardProtocolFamily.INET)) {
            socket.close();
            assertEquals(-1, socket.fd());
            reusesTheNumber.bind(Loopback.ip("127.0.0.1"), 0);
        }
    }

    @Test
    void addressesCompareByValue() {
        assertEquals(UdpAddress.of(Loopback.ip("::1"), 4789), UdpAddress.of(Loopback.ip("0:0::1"), 4789));
        assertEquals(
                "198.18.0.1:4789",
                UdpAddress.of(Loopback.ip("198.18.0.1"), 4789).toString());
        assertThrows(IllegalArgumentException.class, () -> UdpAddress.of(Loopback.ip("::1"), 65_536));
    }
}
