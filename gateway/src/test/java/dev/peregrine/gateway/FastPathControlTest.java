package dev.peregrine.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.gateway.command.Cli;
import dev.peregrine.gateway.command.Gateway;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.control.ControlServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The flow cache of a gateway with a socket port on the loopback interface, which takes no privileges. */
@Timeout(60)
class FastPathControlTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long VNI_42 = 0x0800_0000_0000_2a00L;
    private static final long PORT_MAC = 0x0200_0000_0001L;
    private static final long PEER_MAC = 0x0200_0000_0002L;
    private static final int PACKETS = 200;

    @TempDir
    private Path folder;

    private DatagramSocket application;
    private DatagramSocket peer;
    private Gateway gateway;
    private ControlServer server;

    @BeforeEach
    void start() throws Exception {
        application = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        application.setSoTimeout(10_000);
        peer = new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address(1)), 0));
        String yaml = """
                underlay: {local: %s}
                workers: {count: 2, idle: block}
                fastpath: {capacity: 64}
                vnis:
                  - vni: 42
                    flood: [%s]
                    ports:
                      - {name: app, type: socket, listen: "198.19.0.9:9000", mac: "02:00:00:00:00:01", deliver: "udp:127.0.0.1:%d"}
                control: {socket: "%s"}
                """.formatted(address(0), address(1), application.getLocalPort(), socket());
        gateway = Main.start(ConfigFile.load(Files.writeString(folder.resolve("gateway.yaml"), yaml)));
        server = ControlServer.start(socket(), gateway.nouns(), gateway.controlThread());
    }

    @AfterEach
    void stop() {
        server.close();
        gateway.close();
        peer.close();
        application.close();
    }

    /** Of the loopback interface, others for each process. */
    private static String address(int number) {
        long id = ProcessHandle.current().pid();
        return "127.%d.%d.%d".formatted((number << 6) + (id >>> 16 & 0x3f), id >>> 8 & 0xff, id & 0xff);
    }

    private Path socket() {
        return folder.resolve("control.sock");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run-to-completion", "queued", "pipelined"})
    void remembersFlowsUnderEverySchedule(String mode) throws IOException {
        answer("schedule", "set", mode);
        for (int i = 0; i < PACKETS; i++) {
            send("packet " + i);
            assertEquals("packet " + i, receive());
        }
        JsonNode stats = stats();
        assertEquals(1, stats.path("entries").asInt(), stats::toString);
        assertTrue(stats.path("hits").asLong() > PACKETS / 2, stats::toString);
        assertEquals(0, stats.path("mismatches").asLong(), stats::toString);
    }

    @Test
    void flowsAreChosenByTheWordsThatChoosePackets() throws IOException {
        for (int i = 0; i < 500 && flows("src 198.19.0.2") == 0; i++) { // until the sender's MAC is learned
            send("packet " + i);
            receive();
        }
        for (String has : List.of(
                "src 198.19.0.2",
                "src 198.19.0.0/24 dst 198.19.0.9",
                "port 9000 proto udp vni 42",
                "port 5000",
                "src 02:00:00:00:00:02 state current",
                "destination 198.19.0.9")) {
            assertEquals(1, flows(has), has);
        }
        for (String hasNot : List.of(
                "src 198.19.0.9",
                "dst 198.20.0.0/16",
                "port 80",
                "proto tcp",
                "vni 43",
                "src fd00::/8",
                "dst 02:00:00:00:00:02",
                "src 198.19.0.2 state stale")) {
            assertEquals(0, flows(hasNot), hasNot);
        }
    }

    private int flows(String words) throws IOException {
        List<String> line = new ArrayList<>(List.of("flow", "list"));
        line.addAll(List.of(words.split(" ")));
        return JSON.readTree(answer(line.toArray(String[]::new))).size();
    }

    private void send(String payload) throws IOException {
        byte[] frame = FrameBuilder.udp4()
                .macs(PORT_MAC, PEER_MAC)
                .addresses("198.19.0.2", "198.19.0.9")
                .ports(5000, 9000)
                .payload(payload.getBytes(StandardCharsets.UTF_8))
                .build();
        byte[] datagram = ByteBuffer.allocate(Long.BYTES + frame.length)
                .putLong(VNI_42)
                .put(frame)
                .array();
        InetSocketAddress vtep = new InetSocketAddress(InetAddress.getByName(address(0)), 4789);
        peer.send(new DatagramPacket(datagram, datagram.length, vtep));
    }

    private String receive() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        application.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }

    private JsonNode stats() throws IOException {
        return JSON.readTree(answer("flow", "stats"));
    }

    private String answer(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> line = new ArrayList<>(List.of("--socket", socket().toString(), "--json"));
        line.addAll(List.of(words));
        Cli cli = new Cli(Main::start, new PrintWriter(out), new PrintWriter(err));
        assertEquals(0, cli.execute(line.toArray(String[]::new)), err::toString);
        return out.toString();
    }
}
