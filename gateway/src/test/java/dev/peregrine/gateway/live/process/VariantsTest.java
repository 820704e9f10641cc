package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Traffic;
import dev.peregrine.testkit.live.Underlay;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The same traffic through gateways that are configured otherwise. */
@LiveTest
class VariantsTest {
    /** Two sockets share the UDP port, and the TAP device has two queues. */
    @Nested
    class TwoWorkers extends Traffic {
        TwoWorkers() {
            super(Scene.open(
                    Underlay.IPV4_WIRE, lab -> lab.gatewayConfigB().replace("/24]}", "/24], queues: 2}") + """
                    workers: {count: 2}
                    """));
        }

        @Test
        void bothAreListed() {
            assertEquals(2, gateway().json("worker", "list").size());
            assertEquals(2, gateway().status().path("workers").asInt());
        }

        /** Otherwise the order of answers to pings were chance. */
        @Test
        void aProgramChoosesTheQueues() {
            Live.requireBpf();
            JsonNode port = gateway().port("web");
            assertTrue(port.path("problem").isNull(), port::toString);
        }
    }

    /** The reference: Netty's datagram channels in place of our own system calls. */
    @Nested
    class NettyUnderlay extends Traffic {
        NettyUnderlay() {
            super(Scene.open(
                    Underlay.IPV4_WIRE, lab -> lab.gatewayConfigB().replace("device: uB", "device: uB, mode: netty")));
        }

        @Test
        void statusNamesIt() {
            assertEquals("netty", gateway().status().path("underlayMode").asText());
        }
    }

    /** The devices of every flow run on two workers, and change places while traffic flows. */
    @Nested
    class Pipelined extends Traffic {
        /** 128 KiB, of which 190 segments are on their way: a worker that stands still has links for 1024. */
        private static final int WINDOW = 128 << 10;

        Pipelined() {
            super(Scene.open(Underlay.IPV4_WIRE, lab -> lab.gatewayConfigB() + """
                    workers: {count: 2}
                    schedule: {mode: pipelined}
                    """));
        }

        @Test
        void packetsAreHandedOverAndNoneOvertakesAnother() {
            gateway().json("flow", "off"); // known flows need no other worker
            sendStreams();
            gateway().json("flow", "on");
            assertEquals(
                    "pipelined two-choices", gateway().status().path("schedule").asText());
            long handOffs = 0;
            for (JsonNode worker : gateway().json("worker", "list")) {
                handOffs += worker.path("handOffs").asLong();
                assertEquals(0, worker.path("reorders").asLong(), worker::toString);
            }
            assertTrue(handOffs > 1000, "handed over: " + handOffs);
            assertEquals(4, gateway().json("schedule", "map", "1234abcd").size());
        }

        @Test
        void knownFlowsTakeTheFastPathAndNoneOvertakesAnother() {
            sendStreams();
            JsonNode flows = gateway().json("flow", "stats");
            assertTrue(flows.path("hits").asLong() > 1000, flows::toString);
            assertEquals(0, flows.path("mismatches").asLong(), flows::toString);
            for (JsonNode worker : gateway().json("worker", "list")) {
                assertEquals(0, worker.path("reorders").asLong(), worker::toString);
            }
        }

        @Test
        void theScheduleChangesWhileAStreamFlowsAndNothingIsLost() {
            List<String> schedules = List.of("queued", "pipelined static split", "run-to-completion", "pipelined");
            Map<String, Long> before = gateway().drops();
            try (var changer = Executors.newSingleThreadExecutor()) {
                Future<Integer> changes = changer.submit(() -> {
                    int done = 0;
                    for (int round = 0; round < 5; round++) {
                        for (String schedule : schedules) {
                            gateway().json(("schedule set " + schedule).split(" ", -1));
                            done++;
                        }
                    }
                    return done;
                });
                sendStreams(WINDOW);
                assertEquals(20, changes.get(30, TimeUnit.SECONDS));
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new AssertionError(e);
            }
            assertEquals(
                    "pipelined two-choices", gateway().status().path("schedule").asText());
            assertEquals(0, gateway().dropsSince(before).getOrDefault("LINK_FULL", 0L));
        }
    }

    /** One datagram, one system call and one frame at a time. */
    @Nested
    class WithoutOffloads extends Traffic {
        WithoutOffloads() {
            super(Scene.open(
                    Underlay.IPV6_OFFLOAD,
                    lab -> lab.gatewayConfigB()
                            .replace("device: uB", "device: uB, offload: {gro: off, gso: off, tapOffload: off}")));
        }

        @Test
        void statusSaysThatTheyAreOff() {
            JsonNode offloads = gateway().status().path("offloads");
            assertTrue(offloads.size() >= 2, offloads::toString);
            for (JsonNode offload : offloads)
                assertFalse(offload.path("enabled").asBoolean(), offload::toString);
        }
    }
}
