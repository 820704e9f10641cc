package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.command.client.GatewaySockets;
import dev.peregrine.gateway.control.ControlServer;
import dev.peregrine.gateway.control.FakeNouns;
import dev.peregrine.gateway.live.lab.Jvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where commands look for a gateway, and what they say when none answers there. */
@Timeout(60)
class SocketChoiceTest {
    @TempDir
    private Path folder;

    @Test
    void theOptionComesBeforeTheFileAndTheFileBeforeTheEnvironment() throws IOException {
        Path there = folder.resolve("there.sock");
        Path nowhere = folder.resolve("nowhere.sock");
        Map<String, String> right = Map.of("PEREGRINE_SOCKET", there.toString());
        Map<String, String> wrong = Map.of("PEREGRINE_SOCKET", nowhere.toString());
        String fileOfIt = config(there).toString();
        try (ExecutorService control = Executors.newSingleThreadExecutor();
                ControlServer _ = ControlServer.start(there, new FakeNouns().list(), control)) {
            assertEquals(0, Outcome.of(right, "status").exit());
            assertEquals(3, Outcome.of(wrong, "status").exit());
            assertEquals(0, Outcome.of(wrong, "status", "--config", fileOfIt).exit());
            assertEquals(
                    0, Outcome.of(wrong, "--config", fileOfIt, "fdb", "list").exit());
            assertEquals(
                    3,
                    Outcome.of(right, "status", "--config", fileOfIt, "--socket", nowhere.toString())
                            .exit());
        }
        Path broken = Files.writeString(folder.resolve("broken.yaml"), "x: 1\n");
        Outcome unreadable = Outcome.of(right, "status", "--config", broken.toString());
        assertEquals(2, unreadable.exit());
        assertTrue(unreadable.err().startsWith(broken + ":1: x: found an unknown key"), unreadable::err);
    }

    private Path config(Path socket) throws IOException {
        return Files.writeString(
                folder.resolve("gateway.yaml"),
                "underlay: {local: 198.18.0.2}\ncontrol: {socket: \"" + socket + "\"}\n");
    }

    @Test
    void noGatewayExitsWithThree() throws IOException {
        Path absent = folder.resolve("absent.sock");
        assertSays("no gateway answers at " + absent + ": no such file; ", absent);
        Path silent = folder.resolve("silent.sock");
        try (ServerSocketChannel deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            deaf.bind(UnixDomainSocketAddress.of(silent));
            assertSays("no gateway answers at " + silent + ": no answer within 0.2 s", silent);
        }
        assertSays("no gateway answers at " + silent + ": Connection refused; ", silent);
    }

    private static void assertSays(String start, Path socket) {
        Outcome outcome = Outcome.of("status", "--socket", socket.toString(), "--timeout", "0.2");
        assertEquals(3, outcome.exit());
        assertTrue(outcome.err().startsWith(start), outcome::err);
        boolean others = outcome.err().contains("; others: "); // this machine may well have gateways
        boolean advice = outcome.err().endsWith("; start one: peregrine run --config FILE\n");
        assertTrue(others || advice || outcome.err().endsWith("within 0.2 s\n"), outcome::err);
    }

    @Tag("slow")
    @Test
    void gatewaysThatRunAreNamed() throws Exception {
        Path socket = folder.resolve("second.sock");
        Process gateway = new ProcessBuilder(Jvm.words(
                        FakeGateway.class, "run", "--config", config(socket).toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader output = gateway.inputReader()) {
            assertTrue(String.valueOf(output.readLine()).startsWith("ready"));
            String named = socket + " (pid " + gateway.pid() + ")";
            Path absent = folder.resolve("absent.sock");
            assertTrue(GatewaySockets.others(absent).contains(named), () -> "" + GatewaySockets.others(absent));
            assertFalse(GatewaySockets.others(socket).contains(named), "the one that was asked is no other");
            Outcome outcome = Outcome.of("status", "--socket", absent.toString());
            assertTrue(outcome.err().contains("; others: "), outcome::err);
        } finally {
            gateway.destroy();
            gateway.waitFor();
        }
    }
}
