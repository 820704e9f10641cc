package dev.peregrine.dataplane.linux.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.linux.netlink.Route;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Prefix;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples and rules of RFC 5952 section 4, and what is made of addresses. */
class AddressTextTest {

    @ParameterizedTest
    @CsvSource({
        "198.18.0.1, 198.18.0.1",
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "2001:0DB8:0:0:0:0:0:0, 2001:db8::",
        "2001:0db8:0000:0000:0000:0000:0002:0001, 2001:db8::2:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "0:0:1:2:3:4:5:6, ::1:2:3:4:5:6",
        "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
        "fe80::fc37:5aff:fe77:71b8, fe80::fc37:5aff:fe77:71b8",
        "::ffff:198.18.0.1, 198.18.0.1",
    })
    void isWrittenAsTheRfcHasIt(String address, String text) {
        assertEquals(text, AddressText.of(InetAddress.ofLiteral(address)));
    }

    @Test
    void aZoneStays() throws Exception {
        byte[] bytes = InetAddress.ofLiteral("fe80::1").getAddress();
        assertEquals("fe80::1%77", AddressText.of(Inet6Address.getByAddress(null, bytes, 77)));
    }

    @Test
    void aPortStandsBehindBrackets() {
        InetAddress six = InetAddress.ofLiteral("fd00::1");
        assertEquals("[fd00::1]:4789", AddressText.of(new InetSocketAddress(six, 4789)));
        assertEquals("[fd00::1]:4789", UdpAddress.of(six, 4789).toString());
        assertEquals(
                "198.18.0.1:4789",
                UdpAddress.of(InetAddress.ofLiteral("198.18.0.1"), 4789).toString());
    }

    @Test
    void prefixesAndRoutesHaveIt() {
        Prefix prefix = new Prefix(InetAddress.ofLiteral("fd19:0::"), 64);
        assertEquals("fd19::/64", prefix.toString());
        assertEquals("fd19::/64 via fd18::2", new Route(prefix, InetAddress.ofLiteral("fd18::2")).toString());
    }
}
