package dev.peregrine.gateway.live.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The lab without a gateway: what fails here is the machine's or the lab's fault. */
@LiveTest
class LabTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @ParameterizedTest
    @EnumSource
    void kernelVtepsReachEachOther(Underlay underlay) {
        try (Lab lab = Lab.create(underlay)) {
            lab.kernelVtepA();
            lab.kernelVtepB();
            lab.enableInnerIpv6();
            Ping.loses0(lab.cA(), Lab.INNER_B, 20, Ping.largest(underlay.overlayMtu(), Lab.INNER_B));
            Ping.loses0(lab.cB(), Lab.INNER6_A, 20, Ping.largest(underlay.overlayMtu(), Lab.INNER6_A));
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 1 << 20, 1);
        }
    }

    @Test
    void closedLabLeavesNoNamespace() {
        String name;
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            name = lab.hA().name();
            assertTrue(Namespace.names().contains(name));
        }
        String prefix = name.replace("hA", "");
        List<String> left =
                Namespace.names().stream().filter(one -> one.startsWith(prefix)).toList();
        assertEquals(List.of(), left);
    }

    @Test
    void closingEndsAndNamesProcessesLeftInside() {
        Lab lab = Lab.create(Underlay.IPV4_WIRE);
        try (var left = BackgroundProcess.start(lab.cA().words("sleep", "60"))) {
            Namespace cA = lab.cA();
            Await.until(LIMIT, "sleep runs in " + cA, () -> !cA.processes().isEmpty(), left::toString);
            AssertionError error = assertThrows(AssertionError.class, lab::close);
            assertTrue(String.valueOf(error.getMessage()).contains("cA: " + left.pid() + " "), error::getMessage);
            left.awaitExit(LIMIT);
        }
    }
}
