package dev.peregrine.gateway.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers that go on. */
@Timeout(30)
class StreamedTest {
    @TempDir
    private Path folder;

    private final ExecutorService control = Executors.newSingleThreadExecutor();
    private final Feed feed = new Feed();
    private final CountDownLatch isRunning = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private ControlServer server;
    private SocketChannel client;

    private record Line(String text) {}

    /** Lines that the test gives. */
    private static final class Feed implements Streamed {
        private final SynchronousQueue<Client> begun = new SynchronousQueue<>();
        private final CountDownLatch abandoned = new CountDownLatch(1);
        private volatile Runnable atStop = this::endsNow;
        private volatile @Nullable Client there;

        @Override
        public Object result() {
            return new Line("begins");
        }

        @Override
        public void begin(Client client) {
            there = client;
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    begun.put(client);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        @Override
        public void stop() {
            atStop.run();
        }

        private void endsNow() {
            Client client = there;
            if (client != null) client.end(new Line("stopped"));
        }

        @Override
        public void abandon() {
            abandoned.countDown();
        }
    }

    @BeforeEach
    void start() throws IOException {
        Path socket = folder.resolve("control.sock");
        List<Noun> nouns = List.of(() -> List.of(
                Command.of("feed", _ -> feed),
                Command.of("held", _ -> held()),
                Command.of("plain", _ -> new Line("one"))));
        server = ControlServer.start(socket, nouns, control, 1);
        client = SocketChannel.open(StandardProtocolFamily.UNIX);
        client.connect(UnixDomainSocketAddress.of(socket));
    }

    private Feed held() {
        isRunning.countDown();
        try {
            goOn.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return feed;
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
        control.shutdownNow();
    }

    private void send(String line) throws IOException {
        client.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
    }

    private BufferedReader reader() {
        return new BufferedReader(Channels.newReader(client, StandardCharsets.UTF_8));
    }

    @Test
    void linesFollowTheAnswerAndThenTheConnectionTakesTheNextCommand() throws Exception {
        BufferedReader in = reader();
        send("{\"command\":[\"feed\"]}\n{\"command\":[\"plain\"]}\n");
        assertEquals("{\"ok\":true,\"result\":{\"text\":\"begins\"}}", in.readLine());
        Streamed.Client there = feed.begun.take();
        there.send(new Line("a"));
        assertEquals("{\"text\":\"a\"}", in.readLine());
        there.end(new Line("z"));
        assertEquals("{\"text\":\"z\"}", in.readLine());
        assertEquals("{\"ok\":true,\"result\":{\"text\":\"one\"}}", in.readLine());
        assertEquals(1, feed.abandoned.getCount(), "abandoned");
    }

    @Tag("slow")
    @Test
    void itOutlivesTheTimeAfterWhichAnIdleConnectionIsClosed() throws Exception {
        BufferedReader in = reader();
        send("{\"command\":[\"feed\"]}\n");
        in.readLine();
        Streamed.Client there = feed.begun.take();
        assertFalse(feed.abandoned.await(1_500, TimeUnit.MILLISECONDS), "closed after the second of idle connections");
        there.send(new Line("late"));
        assertEquals("{\"text\":\"late\"}", in.readLine());
    }

    @Test
    void aClientThatIsGoneIsNoticedByTheNextLine() throws Exception {
        BufferedReader in = reader();
        send("{\"command\":[\"feed\"]}\n");
        in.readLine();
        Streamed.Client there = feed.begun.take();
        client.close();
        while (!feed.abandoned.await(10, TimeUnit.MILLISECONDS)) there.send(new Line("hello?"));
    }

    @Test
    void aServerThatClosesLetsResultsEnd() throws Exception {
        BufferedReader in = reader();
        send("{\"command\":[\"feed\"]}\n");
        in.readLine();
        Streamed.Client there = feed.begun.take();
        feed.atStop = () -> Thread.ofPlatform().daemon().start(() -> {
            there.send(new Line("rest"));
            there.end(new Line("end"));
        });
        server.close();
        assertEquals("{\"text\":\"rest\"}", in.readLine());
        assertEquals("{\"text\":\"end\"}", in.readLine());
        assertNull(in.readLine(), "and then it hangs up");
    }

    @Tag("slow")
    @Test
    void aCommandIsAnsweredHoweverLongItTakes() throws Exception {
        BufferedReader in = reader();
        send("{\"command\":[\"held\"]}\n");
        isRunning.await();
        Thread hungUp = Thread.ofPlatform().daemon().start(() -> {
            try {
                var _ = in.readLine();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertFalse(hungUp.join(Duration.ofMillis(1_500)), "closed after the second of idle connections");
        goOn.countDown();
        assertTrue(hungUp.join(Duration.ofSeconds(10)));
        feed.begun.take().end(new Line("end"));
        assertEquals("{\"text\":\"end\"}", in.readLine());
    }

    /** The command runs, and its answer has not left, when the server is told to end. */
    @Test
    void aResultThatBeginsWhileTheServerClosesEndsWithItsLastLine() throws Exception {
        BufferedReader in = reader();
        send("{\"command\":[\"held\"]}\n");
        isRunning.await();
        Thread closing = Thread.ofPlatform().start(server::close);
        assertFalse(closing.join(Duration.ofMillis(100)), "it does not wait for the answer");
        goOn.countDown();
        assertEquals("{\"ok\":true,\"result\":{\"text\":\"begins\"}}", in.readLine());
        assertEquals("{\"text\":\"stopped\"}", in.readLine());
        assertNull(in.readLine(), "and then it hangs up");
        closing.join();
    }

    @Tag("slow")
    @Test
    void aSlowClientShowsInIsReady() throws Exception {
        send("{\"command\":[\"feed\"]}\n");
        Streamed.Client there = feed.begun.take();
        assertTrue(there.isReady());
        String text = "x".repeat(10_000);
        int sent = 0;
        while (there.isReady() && sent < 10_000) {
            there.send(new Line(text));
            sent++;
        }
        assertTrue(sent < 10_000, "it never was too much");
        BufferedReader in = reader();
        for (int i = 0; i <= sent; i++) in.readLine();
        assertTrue(there.isReady(), "not ready after all was read");
    }
}
