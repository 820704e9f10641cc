package dev.peregrine.gateway.live.tunnel;

import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Outer TOS and TTL as they are on the wire, after the kernel's {@code l2_tos_ttl_inherit}. */
@Conformance("kernel l2_tos_ttl_inherit.sh")
class OuterHeaderTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @ParameterizedTest(name = "{0}, {1}: inner class {2}, hop limit {3} becomes {4}, {5}; ARP {6}, {7}")
    @CsvSource({
        "IPV4_WIRE, 'ttl: inherit, dscp: inherit', 0x29, 33, 0x29, 33, 0x0, 64",
        "IPV4_WIRE, 'ttl: 77, dscp: 46',           0x2a, 33, 0xba, 77, 0xb8, 77",
        "IPV4_WIRE, 'ttl: 77, ecn: rfc3168',       0x2b, 33, 0x2a, 77, 0x0, 77",
        "IPV6_WIRE, 'ttl: inherit, dscp: inherit', 0x29, 33, 0x29, 33, 0x0, 64",
        "IPV6_WIRE, 'ttl: 77, dscp: 46',           0x2b, 33, 0xbb, 77, 0xb8, 77",
    })
    void followsTheInnerHeaderAsConfigured(
            Underlay underlay,
            String keys,
            String innerClass,
            int hopLimit,
            String tos,
            int ttl,
            String arpTos,
            int arpTtl) {
        try (Scene scene =
                Scene.open(underlay, lab -> lab.gatewayConfigB().replace("underlay: {", "underlay: {" + keys + ", "))) {
            Lab lab = scene.lab();
            lab.enableInnerIpv6();
            try (var capture = BackgroundProcess.start(lab.hA()
                    .words("tcpdump", "-n", "-l", "-v", "--immediate-mode", "-i", "uA", "src host " + lab.vtepB()))) {
                capture.awaitLine(LIMIT, "listening", line -> line.contains("listening on"));
                Command.run(lab.cB()
                                .words(
                                        "ping",
                                        "-n",
                                        "-q",
                                        "-c",
                                        "1",
                                        "-W",
                                        "10",
                                        "-Q",
                                        innerClass,
                                        "-t",
                                        "" + hopLimit,
                                        Lab.INNER6_A))
                        .orFail();
                await(capture, underlay, tos, ttl);
                Command.run(lab.cB().words("ping", "-n", "-q", "-c", "1", "-W", "0.1", "198.19.0.200"));
                await(capture, underlay, arpTos, arpTtl);
                capture.terminate();
            }
        }
    }

    /** As {@code tcpdump} prints them: a class of 0 not at all. */
    private static void await(BackgroundProcess capture, Underlay underlay, String tos, int ttl) {
        String ofTtl = (underlay.ipv6() ? " hlim " : " ttl ") + ttl + ",";
        capture.awaitLine(LIMIT, tos + " " + ofTtl, line -> line.contains(ofTtl) && hasTos(line, underlay.ipv6(), tos));
    }

    private static boolean hasTos(String line, boolean ipv6, String tos) {
        boolean isPrinted = !ipv6 || !tos.equals("0x0");
        return isPrinted
                ? line.contains((ipv6 ? "(class " : "(tos ") + tos + ",")
                : line.contains(" IP6 (") && !line.contains("(class ");
    }
}
