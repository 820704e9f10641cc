package dev.peregrine.gateway.live.traffic;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The frames that tcpdump sees leave or come in on a device. */
public final class Tcpdump implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Path file;
    private final BackgroundProcess process;

    private Tcpdump(Path file, BackgroundProcess process) {
        this.file = file;
        this.process = process;
    }

    /**
     * Captures to a file of its own; {@code direction} is {@code in} or {@code out}, {@code filter} as tcpdump reads
     * it.
     */
    public static Tcpdump start(Namespace host, String device, String direction, Path file, String filter) {
        boolean installed =
                Command.run(List.of("sh", "-c", "command -v tcpdump")).exit() == 0;
        if (!installed) System.err.println("SKIPPED a live test: it needs tcpdump (apt-get install tcpdump)");
        Assumptions.assumeTrue(installed, "no tcpdump on the PATH");
        List<String> words = new ArrayList<>(List.of("tcpdump", "-i", device, "-Q", direction, "-n", "-s", "0"));
        words.addAll(List.of("-B", "65536", "-U", "--immediate-mode", "-Z", "root", "-w", file.toString(), filter));
        var process = BackgroundProcess.start(host.words(words));
        process.awaitLine(LIMIT, "listening tcpdump", line -> line.contains("listening on"));
        return new Tcpdump(file, process);
    }

    /** The frames that are there now; a frame that is being written is left out. */
    public List<byte[]> frames() {
        ByteBuffer bytes;
        try {
            bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<byte[]> frames = new ArrayList<>();
        for (int at = 24; at + 16 <= bytes.capacity(); ) {
            int length = bytes.getInt(at + 8);
            if (at + 16 + length > bytes.capacity()) break;
            byte[] frame = new byte[length];
            bytes.get(at + 16, frame);
            frames.add(frame);
            at += 16 + length;
        }
        return frames;
    }

    /** Ends it; the kernel must have dropped nothing of what it was to see. */
    public void end() {
        process.terminate();
        process.awaitExit(LIMIT);
        assertTrue(
                process.lines().stream().anyMatch(line -> line.startsWith("0 packets dropped by kernel")),
                process::toString);
    }

    @Override
    public void close() {
        process.close();
    }
}
