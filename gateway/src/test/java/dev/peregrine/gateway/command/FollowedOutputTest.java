package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.live.lab.Jvm;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the output of commands that go on ends up: behind a pipe whose reader goes, or on a full disk. */
@Tag("slow")
@Timeout(60)
class FollowedOutputTest {
    private static final String ANSWER = "{\"ok\": true, \"result\": {\"count\": 1000000, \"seconds\": 60}}\n";

    /** A packet of a trace, and a frame of a capture in each form. */
    private static final String LINE =
            "{\"packets\": [{\"number\": 1, \"time\": \"t\", \"at\": \"underlay\", \"frame\":"
                    + " \"ARP\", \"stages\": [{\"stage\": \"vtep.decap\", \"verdict\": \"forward\"}]}], \"missed\": 0,"
                    + " \"frames\": 1, \"pcapng\": \"AAAA\"}\n";

    @TempDir
    private Path folder;

    private final CountDownLatch hungUp = new CountDownLatch(1);
    private ServerSocketChannel server;

    @BeforeEach
    void open() throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket()));
        Thread.ofPlatform().daemon().start(this::serve);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private Path socket() {
        return folder.resolve("control.sock");
    }

    /** Gives lines until the client hangs up. */
    private void serve() {
        try (SocketChannel client = server.accept()) {
            var _ = new BufferedReader(Channels.newReader(client, StandardCharsets.UTF_8)).readLine();
            send(client, ANSWER);
            while (true) send(client, LINE);
        } catch (IOException gone) {
            hungUp.countDown();
        }
    }

    private static void send(SocketChannel client, String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) client.write(bytes);
    }

    private ProcessBuilder program(String command) {
        List<String> words = new ArrayList<>(List.of("--socket", socket().toString()));
        words.addAll(List.of(command.split(" ", -1)));
        return new ProcessBuilder(Jvm.words(FakeGateway.class, words.toArray(String[]::new)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"trace", "trace --json", "capture", "capture --json", "capture --write -"})
    void aReaderThatHasSeenEnoughIsNoError(String command) throws Exception {
        Process process = program(command).start();
        assertTrue(process.getInputStream().read() >= 0, "a first byte");
        process.getInputStream().close();
        String err = err(process);
        assertEquals(0, process.exitValue(), err);
        assertFalse(err.contains("could not") || err.contains("cannot") || err.contains("Exception"), err);
        assertTrue(err.contains(" missed"), () -> "says how it ended: " + err);
        assertTrue(hungUp.await(10, TimeUnit.SECONDS), "the gateway sees the end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"trace", "trace --json", "capture", "capture --json", "capture --write -"})
    void aFullDiskIsAnError(String command) throws Exception {
        Process process = program(command).redirectOutput(new File("/dev/full")).start();
        String err = err(process);
        assertEquals(1, process.exitValue(), err);
        assertTrue(err.contains("is the disk full?") || err.contains("No space left on device"), err);
        assertTrue(hungUp.await(10, TimeUnit.SECONDS), "the gateway sees the end");
    }

    private static String err(Process process) throws Exception {
        String text = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        return text;
    }
}
