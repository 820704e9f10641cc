package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.Attachment.Place;
import dev.peregrine.dataplane.bpf.Hook;
import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.TcxLink;
import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.linux.netlink.VethPair;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two ports, at one of which the kernel refuses the program of the tier. */
@LiveTest
class KernelTierPortsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** Above the number of programs that the kernel takes at a hook, which is 64. */
    private static final int ABOVE_ALL_PLACES = 100;

    private static final int ENOUGH = 40;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    @Test
    void aPortWhoseProgramIsRefusedKeepsNoOtherFromTheKernelAndHasItsTurnAgain() throws Exception {
        try (Namespace second = Live.namespace();
                Scene scene = Scene.open(Underlay.IPV4_WIRE, lab -> config(lab, second));
                FullHook full = new FullHook(scene.lab(), "web");
                DatagramSocket web = socket(scene.lab().cB());
                DatagramSocket other = socket(second)) {
            GatewayProcess gateway = scene.gateway();
            done(gateway, "flow", "on");
            awaitKernel(gateway, other, "other");
            await(gateway, web, "web", "why", "port web is not up");
            full.free();
            awaitKernel(gateway, web, "web");
        }
    }

    private static String config(Lab lab, Namespace second) {
        return lab.gatewayConfigB()
                        .replace("type: tap", "type: veth")
                        .replace("underlay: {", "underlay: {checksum: false, ")
                + "      - {name: other, type: veth, device: eth0, netns: %s, addresses: [198.19.0.3/24]}\n"
                        .formatted(second.name())
                + "fastpath: {kernel: on, enabled: false}\n";
    }

    private static DatagramSocket socket(Namespace container) throws LinuxException {
        return container.inside(() -> new DatagramSocket());
    }

    private static void done(GatewayProcess gateway, String... words) {
        GatewayProcess.Answer answer = gateway.command(words);
        assertEquals(0, answer.exit(), answer::toString);
    }

    private static void awaitKernel(GatewayProcess gateway, DatagramSocket from, String port) {
        await(gateway, from, port, "tier", "kernel");
    }

    /** Sends until the list has this of the flow from a port. */
    private static void await(
            GatewayProcess gateway, DatagramSocket from, String port, String column, String expected) {
        Await.until(
                LIMIT,
                "the flow from " + port + " has " + column + " " + expected,
                () -> {
                    send(from);
                    return flow(gateway, port).path(column).asText().equals(expected);
                },
                () -> gateway.json("flow", "list") + "\n" + gateway);
    }

    private static void send(DatagramSocket from) {
        try {
            InetSocketAddress to = new InetSocketAddress(InetAddress.getByName(Lab.INNER_A), UdpPair.PORT);
            for (int i = 0; i < ENOUGH; i++) {
                from.send(new DatagramPacket(new byte[18], 18, to));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The flow that comes in by a port; missing where there is none. */
    private static JsonNode flow(GatewayProcess gateway, String port) {
        JsonNode list = gateway.json("flow", "list", "proto", "udp");
        for (JsonNode row : list) {
            if (row.path("in").asText().contains(port)) {
                return row;
            }
        }
        return list.path("none");
    }

    /** Programs that do nothing, at the host end of a port, as many as the kernel takes. */
    private static final class FullHook implements AutoCloseable {
        private final Deque<TcxLink> links = new ArrayDeque<>();

        FullHook(Lab lab, String port) throws LinuxException {
            try (LoadedProgram next = LoadedProgram.load(
                    new Assembler("pg_test").exit(Verdict.NEXT).assemble())) {
                assertTrue(lab.hB().inside(() -> fill(next, hostEnd(port))), "the kernel takes more programs at a hook");
            }
        }

        private static int hostEnd(String port) throws LinuxException {
            return VethPair.marked().stream()
                    .filter(end -> end.alias().endsWith(port))
                    .mapToInt(VethPair.End::index)
                    .findAny()
                    .orElseThrow();
        }

        private boolean fill(LoadedProgram program, int device) throws LinuxException {
            for (int i = 0; i < ABOVE_ALL_PLACES; i++) {
                try {
                    links.add(TcxLink.attach(program, device, Hook.INGRESS, Place.LAST));
                } catch (LinuxException e) {
                    return true;
                }
            }
            return false;
        }

        void free() {
            while (!links.isEmpty()) {
                links.remove().close();
            }
        }

        @Override
        public void close() {
            free();
        }
    }
}
