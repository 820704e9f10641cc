package dev.peregrine.gateway.live.traffic;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
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
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The frames that tcpdump sees come in on a device: neither the gateway nor a line of its code has a part in it. */
public final class Capture implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;
    private static final int ETHERNET = 14;
    private static final int UDP = 8;
    private static final int VXLAN = 8;

    private final Path file;
    private final BackgroundProcess tcpdump;

    private Capture(Path file, BackgroundProcess tcpdump) {
        this.file = file;
        this.tcpdump = tcpdump;
    }

    /** Captures VXLAN datagrams to a file in {@code folder}, which nobody else writes. */
    public static Capture start(Namespace host, String device, Path folder) {
        assumeInstalled();
        Path file = folder.resolve("capture.pcap");
        String words = "tcpdump -i %s -Q in -n -s 0 -B 65536 -U --immediate-mode -Z root -w %s udp dst port 4789"
                .formatted(device, file);
        var tcpdump = BackgroundProcess.start(host.words(words.split(" ")));
        tcpdump.awaitLine(LIMIT, "listening tcpdump", line -> line.contains("listening on"));
        return new Capture(file, tcpdump);
    }

    private static void assumeInstalled() {
        boolean installed =
                Command.run(List.of("sh", "-c", "command -v tcpdump")).exit() == 0;
        if (!installed) System.err.println("SKIPPED a live test: it needs tcpdump (apt-get install tcpdump)");
        Assumptions.assumeTrue(installed, "no tcpdump on the PATH");
    }

    /**
     * The inner frames of one VNI, once there are {@code count} of them; all that are there when that does not come
     * true.
     */
    public List<byte[]> frames(int vni, int count) {
        try {
            Await.until(
                    LIMIT,
                    count + " frames",
                    () -> read(vni).size() >= count,
                    () -> read(vni).size());
        } catch (AssertionError late) {
            Figures.print(late.toString());
        }
        tcpdump.terminate();
        tcpdump.awaitExit(LIMIT);
        assertTrue(
                tcpdump.lines().stream().anyMatch(line -> line.startsWith("0 packets dropped by kernel")),
                tcpdump::toString);
        return read(vni);
    }

    private List<byte[]> read(int vni) {
        ByteBuffer bytes;
        try {
            bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<byte[]> frames = new ArrayList<>();
        for (int at = FILE_HEADER; at + RECORD_HEADER <= bytes.capacity(); ) {
            int length = bytes.getInt(at + 8);
            int packet = at + RECORD_HEADER;
            if (packet + length > bytes.capacity()) break; // it is being written
            int vxlan = packet + ETHERNET + (bytes.get(packet + 12) == 0x08 ? 20 : 40) + UDP;
            byte[] data = new byte[packet + length - vxlan];
            bytes.get(vxlan, data);
            if (ByteBuffer.wrap(data).getInt(4) >>> 8 == vni) frames.add(Arrays.copyOfRange(data, VXLAN, data.length));
            at = packet + length;
        }
        return frames;
    }

    @Override
    public void close() {
        tcpdump.close();
    }
}
