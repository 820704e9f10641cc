package dev.peregrine.controlplane.evpn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With sockets of the test's own in place of the daemons'. */
class FrrDaemonsTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path folder;

    private final List<Object> seen = new ArrayList<>();
    private final FrrDaemons.Watch watch = new FrrDaemons.Watch() {
        @Override
        public void sessions(Sessions sessions) {
            seen.add(sessions);
        }

        @Override
        public void complete(boolean complete) {
            seen.add(complete);
        }

        @Override
        public void unreachable(boolean forbidden, String why) {
            seen.add(why);
        }
    };
    private long now;

    private ServerSocketChannel listen(String daemon) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        return server.bind(UnixDomainSocketAddress.of(folder.resolve(daemon + ".vty")));
    }

    private static String command(SocketChannel client) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1000);
        client.read(bytes);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
    }

    private void send(SocketChannel client, String text) throws IOException {
        client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void anAnswerMayComeInPieces() throws IOException {
        try (ServerSocketChannel bgpd = listen("bgpd");
                ServerSocketChannel zebra = listen("zebra");
                FrrDaemons daemons = new FrrDaemons(folder, () -> now)) {
            daemons.poll(watch);
            try (SocketChannel client = bgpd.accept()) {
                assertTrue(daemons.askSessions(watch));
                assertEquals(Sessions.COMMAND + "\0", command(client));
                for (String piece : List.of(
                        "{\"peers\":{\"p\":{\"state\":\"Established\",",
                        "\"connectionsEstablished\":1}}}\0",
                        "\0",
                        "\0")) {
                    send(client, piece);
                    daemons.poll(watch);
                    assertEquals(List.of(), seen);
                }
                send(client, "\0");
                daemons.poll(watch);
                assertEquals(List.of(new Sessions(1, Map.of("p", 1))), seen);
                assertTrue(daemons.askComplete(watch), "the next question");
            }
            assertTrue(zebra.isOpen());
        }
    }

    @Test
    void aDaemonThatIsNotThereOrEnds() throws IOException {
        try (ServerSocketChannel bgpd = listen("bgpd");
                FrrDaemons daemons = new FrrDaemons(folder, () -> now)) {
            daemons.poll(watch);
            assertTrue(seen.getFirst().toString().contains("zebra.vty is not there"), seen::toString);
            daemons.poll(watch);
            assertEquals(1, seen.size(), "not at once again");
            try (ServerSocketChannel zebra = listen("zebra")) {
                now += SECOND;
                daemons.poll(watch);
                assertTrue(daemons.isConnected());
                zebra.accept().close();
                daemons.poll(watch);
            }
            assertEquals("zebra: it has ended", seen.getLast());
            assertTrue(bgpd.isOpen());
        }
    }

    @Test
    void aDaemonThatTakesNoConnectionsIsToldOf() throws IOException {
        try (ServerSocketChannel zebra = listen("zebra");
                ServerSocketChannel bgpd = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(folder.resolve("bgpd.vty")), 1)) {
            List<FrrDaemons> all = new ArrayList<>();
            for (int i = 0; i < 10 && seen.isEmpty(); i++) {
                FrrDaemons daemons = new FrrDaemons(folder, () -> now);
                all.add(daemons);
                daemons.poll(watch);
                if (seen.isEmpty()) daemons.askSessions(watch);
            }
            assertEquals(List.of("bgpd: Resource temporarily unavailable"), seen);
            all.forEach(FrrDaemons::close);
            assertTrue(zebra.isOpen() && bgpd.isOpen());
        }
    }

    @Test
    void aDaemonThatDoesNotAnswerOrNotUnderstand() throws IOException {
        try (ServerSocketChannel bgpd = listen("bgpd");
                ServerSocketChannel zebra = listen("zebra");
                FrrDaemons daemons = new FrrDaemons(folder, () -> now)) {
            daemons.poll(watch);
            daemons.askSessions(watch);
            now += 6 * SECOND;
            daemons.poll(watch);
            assertTrue(seen.getLast().toString().contains("has not answered"), seen::toString);
            bgpd.accept().close();
            now += SECOND;
            daemons.poll(watch);
            daemons.askSessions(watch);
            try (SocketChannel client = bgpd.accept()) {
                send(client, "% Unknown command\n\0\0\0\2");
                daemons.poll(watch);
            }
            assertTrue(seen.getLast().toString().contains("% Unknown command"), seen::toString);
            assertTrue(zebra.isOpen());
        }
    }
}
