package dev.peregrine.load.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.load.CommandLineRun;
import dev.peregrine.load.Rates;
import dev.peregrine.load.perf.traffic.PerfPlan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final PerfPlan LONG = new PerfPlan(true, false, false, 1, 100, 1000, 3600, false);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--length 17 --udp",
                "--length 65508 --udp",
                "--length 17 --rr",
                "--parallel 0",
                "--parallel 129",
                "--time 0",
                "--time NaN",
                "--interval 0",
                "--port 0",
                "--rate 0",
                "--rr --reverse"
            })
    void refusesWhatCannotBeMeasured(String options) {
        CommandLineRun run = CommandLineRun.of(("perf client " + LOOPBACK + " " + options).split(" "));
        assertEquals(Exit.USAGE, run.exit(), run.err());
    }

    @Test
    void saysWhenNoServerIsThere() throws IOException {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral(LOOPBACK))) {
            port = taken.getLocalPort();
        }
        CommandLineRun run = CommandLineRun.of("perf", "client", LOOPBACK, "--port", Integer.toString(port));
        assertEquals(Exit.REFUSED, run.exit());
        assertTrue(run.err().contains("peregrine perf server"), run.err());
    }

    @Test
    void saysWhenItsPortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral(LOOPBACK))) {
            CommandLineRun run =
                    CommandLineRun.of("perf", "server", "--listen", LOOPBACK + ":" + taken.getLocalPort(), "--once");
            assertEquals(Exit.REFUSED, run.exit());
            assertTrue(run.err().contains("bind"), run.err());
        }
    }

    @Test
    void servesOneTestAtATime() throws Exception {
        try (RunningServer server = new RunningServer(LOOPBACK)) {
            try (Control first = connect(server)) {
                beginLongTest(first);
                CommandLineRun second = server.client(LOOPBACK, "--time", "0.1");
                assertEquals(Exit.REFUSED, second.exit());
                assertTrue(second.err().contains("busy"), second.err());
            }
        }
    }

    @Test
    void goesOnWhenAClientIsGone() throws Exception {
        try (RunningServer server = new RunningServer(LOOPBACK)) {
            try (Control first = connect(server)) {
                beginLongTest(first);
            }
            server.nextLine();
            server.client(LOOPBACK, "--time", "0.1").json();
        }
    }

    @Test
    void refusesAPlanThatNoClientWouldMake() throws Exception {
        try (RunningServer server = new RunningServer(LOOPBACK);
                Control client = connect(server)) {
            PerfPlan endless = new PerfPlan(false, false, false, 1_000_000, 100, 0, 1, false);
            client.send(Rates.object().put("cookie", "c").set("test", endless.json()));
            assertTrue(client.receive(5000).path("error").asText().contains("streams"));
        }
    }

    @Test
    void turnsAwayWhoSpeaksAnotherProtocol() throws Exception {
        try (RunningServer server = new RunningServer(LOOPBACK);
                SocketChannel stranger = SocketChannel.open(at(server))) {
            stranger.socket().getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertTrue(server.nextLine().contains("no peregrine perf"));
            assertEquals(-1, stranger.socket().getInputStream().read());
        }
    }

    private static InetSocketAddress at(RunningServer server) throws IOException {
        return new InetSocketAddress(InetAddress.ofLiteral(LOOPBACK), server.port());
    }

    private static Control connect(RunningServer server) throws IOException {
        return new Control(SocketChannel.open(at(server)));
    }

    private static void beginLongTest(Control client) throws IOException {
        client.send(Rates.object().put("cookie", "c").set("test", LONG.json()));
        assertTrue(client.receive(5000).has("udpPort"));
        assertTrue(client.receive(5000).has("start"));
    }
}
