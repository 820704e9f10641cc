package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.live.lab.Jvm;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code run} as a process. */
@Timeout(60)
class RunTest {
    @TempDir
    private Path folder;

    @Tag("slow")
    @Test
    void sigtermDrainsRemovesTheSocketAndExitsWithZero() throws Exception {
        Process process = start();
        try (BufferedReader out = out(process)) {
            assertEquals("ready 198.18.0.2 port 4789", out.readLine());
            assertTrue(Files.exists(socket()));
            process.toHandle().destroy(); // SIGTERM, with the streams left open
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
            assertFalse(Files.exists(socket()));
            String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            List<String> lines = err.lines()
                    .map(line -> line.replaceFirst("^.* INFO RunCommand - ", ""))
                    .toList();
            assertTrue(
                    lines.getFirst()
                            .matches("peregrine .+ starts: configuration " + folder.resolve("gateway.yaml")
                                    + ", control socket " + socket() + ", pid " + process.pid()
                                    + ", network namespace net:.+"),
                    err);
            assertEquals(
                    List.of("ready: 198.18.0.2 port 4789", "SIGTERM: stopping", "drained"),
                    lines.subList(1, lines.size()));
        } finally {
            process.destroyForcibly();
        }
    }

    @Tag("slow")
    @Test
    void startsAgainAfterAKill() throws Exception {
        Process killed = start();
        try (BufferedReader out = out(killed)) {
            assertEquals("ready 198.18.0.2 port 4789", out.readLine());
        } finally {
            killed.destroyForcibly().waitFor();
        }
        assertTrue(Files.exists(socket()), "a killed process leaves its socket");
        Process next = start();
        try (BufferedReader out = out(next)) {
            assertEquals("ready 198.18.0.2 port 4789", out.readLine());
        } finally {
            next.destroyForcibly().waitFor();
        }
    }

    @Test
    void aGatewayThatCannotGoOnExitsWithOne() throws Exception {
        FakeGateway gateway = new FakeGateway();
        gateway.ended().completeExceptionally(new IOException("the underlay is gone"));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Cli cli = new Cli(file -> gateway, new PrintWriter(out), new PrintWriter(err));
        assertEquals(1, cli.execute("run", "--config", config().toString()));
        assertEquals("the gateway cannot go on: java.io.IOException: the underlay is gone\n", err.toString());
        assertFalse(Files.exists(socket()));
        assertTrue(gateway.controlThread().isShutdown(), "the gateway is closed");
    }

    @Test
    void aGatewayThatWaitsSaysSoAndIsReadyLater() throws Exception {
        FakeGateway gateway = new FakeGateway(new CompletableFuture<>());
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Cli cli = new Cli(file -> gateway, new PrintWriter(out), new PrintWriter(err));
        String file = config().toString();
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> cli.execute("run", "--config", file));
        while (!err.toString().contains("waiting for the underlay")) Thread.onSpinWait();
        assertTrue(Files.exists(socket()), "it answers commands");
        assertEquals("", out.toString());
        gateway.ready().complete(null);
        assertEquals("ready 198.18.0.2 port 4789\n", out.toString());
        gateway.ended().complete(null);
        assertEquals(0, exit.get());
    }

    @Test
    void aStartThatTheSystemRefusesExitsWithOne() throws Exception {
        StringWriter err = new StringWriter();
        GatewayLauncher launcher = file -> {
            throw new IOException("bind: EADDRINUSE");
        };
        Cli cli = new Cli(launcher, new PrintWriter(new StringWriter()), new PrintWriter(err));
        assertEquals(1, cli.execute("run", "--config", config().toString()));
        assertEquals("bind: EADDRINUSE\n", err.toString());
    }

    private Path socket() {
        return folder.resolve("control.sock");
    }

    /** A user who gives an address relies on it: a gateway that nobody watches would be worse than none. */
    @Test
    void anAddressOfHttpThatIsTakenExitsWithOneBeforeAnythingIsMade() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            StringWriter err = new StringWriter();
            GatewayLauncher launcher = file -> {
                throw new AssertionError("started");
            };
            Cli cli = new Cli(launcher, new PrintWriter(new StringWriter()), new PrintWriter(err));
            String file = config("127.0.0.1:" + taken.getLocalPort()).toString();
            assertEquals(1, cli.execute("run", "--config", file));
            assertTrue(err.toString().startsWith("control.http: cannot listen at 127.0.0.1:"), err::toString);
        }
    }

    private Path config() throws IOException {
        return config("off");
    }

    private Path config(String http) throws IOException {
        String yaml = "underlay: {local: 198.18.0.2}\nvnis: [{vni: 42, flood: [198.18.0.1]}]\ncontrol: {socket: "
                + socket() + ", http: \"" + http + "\"}\n";
        return Files.writeString(folder.resolve("gateway.yaml"), yaml);
    }

    /** A full disk; {@code head} that has read enough is none. */
    @Tag("slow")
    @Test
    void outputThatIsLostIsAnError() throws Exception {
        Process full = program("check", "--schema")
                .redirectOutput(new File("/dev/full"))
                .start();
        String err = new String(full.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(full.waitFor(20, TimeUnit.SECONDS));
        assertEquals(1, full.exitValue());
        assertEquals("the output could not be written: is the disk full?\n", err);
        Process read = program("check", "--schema").start();
        read.getInputStream().close();
        assertTrue(read.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, read.exitValue());
        assertEquals("", new String(read.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    private Process start() throws IOException {
        return program("run", "--config", config().toString()).start();
    }

    private static ProcessBuilder program(String... words) {
        return new ProcessBuilder(Jvm.words(FakeGateway.class, words));
    }

    private static BufferedReader out(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }
}
