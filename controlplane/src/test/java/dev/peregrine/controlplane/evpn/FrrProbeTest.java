package dev.peregrine.controlplane.evpn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Examined;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With sockets of the test's own in place of the daemons'. */
class FrrProbeTest {
    private static final String UP = "{\"state\":\"Established\",\"connectionsEstablished\":1}";
    private static final String DOWN = "{\"state\":\"Active\"}";

    @TempDir
    private Path folder;

    private ServerSocketChannel listen(String daemon) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        return server.bind(UnixDomainSocketAddress.of(folder.resolve(daemon + ".vty")));
    }

    /** With a bgpd that answers so; null: not at all. */
    private Examined look(@Nullable String answer) throws Exception {
        try (ServerSocketChannel bgpd = listen("bgpd");
                ServerSocketChannel zebra = listen("zebra")) {
            Thread server = Thread.ofPlatform().daemon().start(() -> answer(bgpd, answer));
            Examined examined = FrrProbe.look(folder, Duration.ofMillis(answer == null ? 200 : 10_000));
            server.interrupt();
            assertTrue(zebra.isOpen());
            return examined;
        }
    }

    private static void answer(ServerSocketChannel bgpd, @Nullable String answer) {
        try (SocketChannel client = bgpd.accept()) {
            client.read(ByteBuffer.allocate(1000));
            if (answer != null)
                client.write(ByteBuffer.wrap((answer + "\0\0\0\0").getBytes(StandardCharsets.US_ASCII)));
            client.read(ByteBuffer.allocate(1)); // until the other end has gone
        } catch (IOException e) {
            // the test has ended
        }
    }

    private static Examined.Fault only(Examined examined) {
        assertEquals(1, examined.faults().size(), examined::toString);
        return examined.faults().getFirst();
    }

    @Test
    void daemonsThatAreNotThereAreNamedWithTheirCure() throws Exception {
        Examined.Fault fault = only(FrrProbe.look(folder, Duration.ofSeconds(10)));
        assertTrue(fault.isFatal() && fault.what().contains("bgpd.vty is not there"), fault::toString);
        assertTrue(fault.cure().contains("/etc/frr/daemons"), fault::toString);
    }

    @Test
    void sessionsThatStandAreWell() throws Exception {
        Examined examined = look("{\"peers\":{\"a\":" + UP + "}}");
        assertEquals(new Examined("1 of 1 sessions established", List.of()), examined);
    }

    @Test
    void oneOfTwoSessionsIsAWarningAndNoneAFailure() throws Exception {
        Examined.Fault one = only(look("{\"peers\":{\"a\":" + UP + ",\"b\":" + DOWN + "}}"));
        assertTrue(!one.isFatal() && one.what().startsWith("1 of 2"), one::toString);
    }

    @Test
    void noSessionIsAFailure() throws Exception {
        Examined.Fault none = only(look("{\"peers\":{\"b\":" + DOWN + "}}"));
        assertTrue(none.isFatal() && none.cure().contains("show bgp l2vpn evpn summary"), none::toString);
    }

    @Test
    void aBgpdWithoutNeighborsIsAFailure() throws Exception {
        Examined.Fault fault = only(look("{}"));
        assertTrue(fault.isFatal() && fault.what().contains("no neighbor"), fault::toString);
    }

    @Test
    void aBgpdThatHangsIsAFailure() throws Exception {
        Examined.Fault fault = only(look(null));
        assertTrue(fault.isFatal() && fault.what().contains("not answered within 200 ms"), fault::toString);
    }
}
