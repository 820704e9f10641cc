package dev.peregrine.gateway.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
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
