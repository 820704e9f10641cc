package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.GsoPeer;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One call of an application that the kernel, or the gateway for it, cuts into datagrams. */
@Conformance("kernel udpgro_fwd.sh")
class GsoDatagramsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int PORT = 5400;

    @ParameterizedTest
    @CsvSource({"IPV4_WIRE, 1300", "IPV4_OFFLOAD, 1300", "IPV6_WIRE, 1000", "IPV6_OFFLOAD, 400"})
    void aSendOf13000BytesArrivesAsTheSameDatagrams(Underlay underlay, int size) {
        try (Scene scene = Scene.open(underlay)) {
            Lab lab = scene.lab();
            lab.enableInnerIpv6();
            arrives(lab.cB(), lab.cA(), Lab.INNER_A, size);
            arrives(lab.cA(), lab.cB(), Lab.INNER_B, size);
            arrives(lab.cB(), lab.cA(), Lab.INNER6_A, size);
            arrives(lab.cA(), lab.cB(), Lab.INNER6_B, size);
        }
    }

    private static void arrives(Namespace from, Namespace to, String address, int size) {
        long seed = System.nanoTime();
        byte[] bytes = GsoPeer.bytes(13_000, seed);
        List<String> expected = new ArrayList<>(List.of("listening"));
        for (int at = 0; at < bytes.length; at += size) {
            expected.add(GsoPeer.line(Arrays.copyOfRange(bytes, at, Math.min(at + size, bytes.length))));
        }
        List<String> receive = Jvm.words(GsoPeer.class, "receive", address, "" + PORT, "" + (expected.size() - 1));
        try (var receiver = BackgroundProcess.start(to.words(receive))) {
            receiver.awaitLine(LIMIT, "listening receiver", "listening"::equals);
            List<String> send = Jvm.words(GsoPeer.class, "send", address, "" + PORT, "13000", "" + size, "" + seed);
            Command.run(LIMIT, from.words(send)).orFail();
            assertEquals(0, receiver.awaitExit(LIMIT), receiver::toString);
            assertEquals(expected, receiver.lines());
        }
    }
}
