package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.traffic.DatagramPeer;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.OpenVSwitch;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pings, datagrams and a stream of the sizes of Open vSwitch's tests, with Open vSwitch and the kernel at the far end.
 */
@Conformance("Open vSwitch system-traffic.at, ping over vxlan")
@Tag("long")
class PingOverVxlanTest {
    @Nested
    class OpenVSwitchIpv4 extends WithOpenVSwitch {
        OpenVSwitchIpv4() {
            super(Underlay.IPV4_WIRE);
        }
    }

    @Nested
    class OpenVSwitchIpv6 extends WithOpenVSwitch {
        OpenVSwitchIpv6() {
            super(Underlay.IPV6_WIRE);
        }
    }

    @Nested
    class KernelIpv4 extends WithKernel {
        KernelIpv4() {
            super(Underlay.IPV4_WIRE);
        }
    }

    @Nested
    class KernelIpv6 extends WithKernel {
        KernelIpv6() {
            super(Underlay.IPV6_WIRE);
        }
    }

    abstract static class WithOpenVSwitch extends Cases {
        private final OpenVSwitch openVSwitch;

        WithOpenVSwitch(Underlay underlay) {
            super(underlay);
            try {
                Assumptions.assumeTrue(OpenVSwitch.isInstalled(), "Open vSwitch is not installed");
                openVSwitch = OpenVSwitch.start(lab);
                start(lab.gatewayConfigB());
            } catch (Throwable e) {
                lab.close();
                throw e;
            }
        }

        @Override
        void endPeer() {
            openVSwitch.close();
        }
    }

    /** As in Open vSwitch's tests, in VNI 0. */
    abstract static class WithKernel extends Cases {
        WithKernel(Underlay underlay) {
            super(underlay);
            try {
                lab.kernelVtepA(0).attach(lab.cA(), Lab.MAC_A, Lab.INNER_A);
                start(lab.gatewayConfigB().replace("vni: " + Lab.VNI, "vni: 0"));
            } catch (Throwable e) {
                lab.close();
                throw e;
            }
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Cases {
        private static final Duration LIMIT = Duration.ofSeconds(20);
        private static final int PINGS = 3;
        private static final String PORT = "5500";
        private static final int STREAM_BYTES = 60_000;

        final Lab lab;
        private @Nullable GatewayProcess gateway;

        Cases(Underlay underlay) {
            lab = Lab.create(underlay);
        }

        final void start(String config) {
            gateway = GatewayProcess.start(lab.hB(), config);
            lab.enableInnerIpv6();
        }

        void endPeer() {}

        @AfterAll
        void close() {
            try (lab;
                    var running = gateway) {
                assertTrue(running != null && running.isAlive());
                endPeer();
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {56, 1600, 3200})
        @DisplayName("ping (inner IPv6), 3 of each size")
        void pings(int size) {
            Ping.fragmentedLoses0(lab.cA(), Lab.INNER6_B, PINGS, size);
            Ping.fragmentedLoses0(lab.cB(), Lab.INNER6_A, PINGS, size);
        }

        @ParameterizedTest
        @ValueSource(ints = {56, 1600, 3200})
        @DisplayName("ping (inner IPv4), 3 of each size")
        void pingsOverIpv4(int size) {
            Ping.fragmentedLoses0(lab.cA(), Lab.INNER_B, PINGS, size);
            Ping.fragmentedLoses0(lab.cB(), Lab.INNER_A, PINGS, size);
        }

        @ParameterizedTest
        @ValueSource(ints = {600, 1600, 3200})
        @DisplayName("UDP datagrams, answered with their own bytes")
        void datagramsAreAnswered(int size) {
            assertAnswered(lab.cA(), lab.cB(), Lab.INNER_B, size);
            assertAnswered(lab.cB(), lab.cA(), Lab.INNER6_A, size);
        }

        private static void assertAnswered(Namespace from, Namespace to, String address, int size) {
            List<String> echo = Jvm.words(DatagramPeer.class, "echo", address, PORT);
            try (var answering = BackgroundProcess.start(to.words(echo))) {
                answering.awaitLine(LIMIT, "listening", "listening"::equals);
                List<String> ask = Jvm.words(DatagramPeer.class, "ask", address, PORT, "10", "" + size, "1");
                Command.Result result = Command.run(LIMIT, from.words(ask)).orFail();
                assertEquals("answered 10 of 10", result.output().strip());
            }
        }

        @Test
        @DisplayName("TCP, 60000 bytes both ways, inner IPv4 and IPv6")
        void streamsArrive() {
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, STREAM_BYTES, 1);
            Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER_A, STREAM_BYTES, 2);
            Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER6_B, STREAM_BYTES, 3);
            Stream.arrivesIntact(lab.cB(), lab.cA(), Lab.INNER6_A, STREAM_BYTES, 4);
        }
    }
}
