package dev.peregrine.gateway.live.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Jvm;
import java.time.Duration;
import java.util.List;

/** Random bytes over one TCP connection, which must arrive as they were sent. */
public final class Stream {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int PORT = 5300;

    private Stream() {}

    public static void arrivesIntact(Namespace from, Namespace to, String address, long bytes, long seed) {
        arrivesIntact(from, to, address, bytes, seed, Jvm.words(StreamPeer.class, "receive", address, "" + PORT));
    }

    /** With a receive buffer of {@code window} bytes, doubled by the kernel: no more of the stream is on its way. */
    public static void arrivesIntact(Namespace from, Namespace to, String address, long bytes, long seed, int window) {
        List<String> receive = Jvm.words(StreamPeer.class, "receive", address, "" + PORT, "" + window);
        arrivesIntact(from, to, address, bytes, seed, receive);
    }

    private static void arrivesIntact(
            Namespace from, Namespace to, String address, long bytes, long seed, List<String> receive) {
        List<String> send = Jvm.words(StreamPeer.class, "send", address, "" + PORT, "" + bytes, "" + seed);
        try (var receiver = BackgroundProcess.start(to.words(receive))) {
            receiver.awaitLine(LIMIT, "listening receiver", "listening"::equals);
            String sent = Command.run(LIMIT, from.words(send)).orFail().output().strip();
            assertEquals(0, receiver.awaitExit(LIMIT), receiver::toString);
            assertEquals(sent, receiver.lines().getLast(), "seed " + seed);
            assertEquals(bytes + " bytes", sent.replaceFirst(" bytes .*", " bytes"), "seed " + seed);
        }
    }
}
