package dev.peregrine.controlplane.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.vxlan.IpAddress;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayoutTest {
    private static final String VTEPS = "/p/vteps/";
    private static final long MAC = 0x0200_0000_abcdL;
    private static final List<String> ADDRESSES =
            List.of("198.18.1.2", "0.0.0.0", "255.255.255.255", "10.0.20.100", "2001:db8::1", "::", "fe80::1:0:0:2");

    private final Layout layout = new Layout("/p");

    private static IpAddress ip(String text) {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    @Test
    void readsEachKeyThatItWrites() {
        for (String vtep : ADDRESSES) {
            for (Claim.Key key : List.of(
                    new Claim.VtepKey(ip(vtep)),
                    new Claim.MemberKey(0, ip(vtep)),
                    new Claim.MemberKey((1 << 24) - 1, ip(vtep)),
                    new Claim.StationKey(42, MAC, ip(vtep)),
                    new Claim.StationKey(42, 0, ip(vtep)))) {
                assertEquals(key, layout.parse(layout.key(key)));
            }
        }
    }

    /** The VTEP of the key before is not taken for that of this one. */
    @Test
    void readsAVtepWhoseTextBeginsLikeThatOfTheOneBefore() {
        for (String vtep : List.of("198.18.1.20", "198.18.1.2", "198.18.1.200", "198.18.1.2")) {
            assertEquals(new Claim.MemberKey(7, ip(vtep)), layout.parse(VTEPS + vtep + "/vnis/7"));
        }
    }

    @Test
    void othersStandForNothing() {
        for (String rest : List.of(
                "",
                "/",
                "198.18.1",
                "198.18.1.2.3",
                "198.18.1.256",
                "198.18.01.2",
                "198.18.1.+2",
                "198.18..2",
                "198.18.1.2\u0000",
                "::ffff:198.18.1.2",
                "2001:DB8::1",
                "2001:db8:0::1",
                "fe80::1%lo",
                "localhost",
                "198.18.1.2/",
                "198.18.1.2/vnis",
                "198.18.1.2/vnis/",
                "198.18.1.2/vnis/-1",
                "198.18.1.2/vnis/042",
                "198.18.1.2/vnis/4x",
                "198.18.1.2/vnis/16777216",
                "198.18.1.2/vnis/99999999999",
                "198.18.1.2/vnis/\u0664\u0662",
                "198.18.1.2/vnis/42/",
                "198.18.1.2/vnis/42/macs",
                "198.18.1.2/vnis/42/macs/",
                "198.18.1.2/vnis/42/macs/02:00:00:00:AB:CD",
                "198.18.1.2/vnis/42/macs/02-00-00-00-ab-cd",
                "198.18.1.2/vnis/42/macs/02:00:00:00:ab:c",
                "198.18.1.2/vnis/42/macs/02:00:00:00:ab:cg",
                "198.18.1.2/vnis/42/macs/02:00:00:00:ab:cd/",
                "198.18.1.2/vnis/42/macs/020:0:00:00:ab:cd")) {
            assertNull(layout.parse(VTEPS + rest), rest);
        }
        assertNull(layout.parse("/q/vteps/198.18.1.2"));
    }
}
