package dev.peregrine.gateway.doctor.probe;

import dev.peregrine.dataplane.linux.socket.EchoSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The largest packets that get to hosts, by ICMP echo with Don't Fragment: no VTEP takes them for traffic. All hosts
 * are asked at once, in rounds of a few sizes each, with at most 400 packets for each host and for
 * {@value #MOST_MILLIS} ms; mostly with a few, or, where the path is narrow, with 60 in a second and a half. Only the
 * way there is seen: a host may fragment its answers.
 */
public final class PathProbe {
    private static final int MOST_MILLIS = 5000;

    /** For how long a round waits where not even small packets are answered. */
    private static final int ROUND_MILLIS = 500;

    private static final int MOST_ROUNDS = 22;

    private final Lines lines;
    private final LongSupplier clock;

    /** Opens what leads to hosts. */
    interface Lines {
        PathSearch.Line open(InetAddress host) throws LinuxException;
    }

    /** Probes from an address, and by an interface if there is one. */
    public PathProbe(InetAddress from, @Nullable String device) {
        this(host -> line(EchoSocket.open(host, from, device)), System::nanoTime);
    }

    PathProbe(Lines lines, LongSupplier clock) {
        this.lines = lines;
        this.clock = clock;
    }

    private static PathSearch.Line line(EchoSocket socket) {
        return new PathSearch.Line() {
            @Override
            public void send(int bytes, int sequence) {
                socket.send(bytes, sequence);
            }

            @Override
            public int receive(int milliseconds) {
                return socket.receive(milliseconds);
            }

            @Override
            public void close() {
                socket.close();
            }
        };
    }

    /**
     * The answers of a host.
     *
     * @param largest bytes of the largest IP packet that it answered; 0 if it answered none
     * @param asked bytes of the largest that it was asked for: the MTU of the interface
     * @param isSure whether larger ones were lost again and again while smaller ones were answered, or there are none;
     *     else its answers were too late, or too few, to tell
     */
    public record Path(int largest, int asked, boolean isSure) {
        /** Whether the host answers at all. */
        public boolean answers() {
            return largest > 0;
        }
    }

    /**
     * Asks hosts; a host that cannot be asked, as for want of a route, is left out.
     *
     * @param hosts with the MTU of the interface that leads to each
     * @throws LinuxException when none can be asked
     */
    public Map<InetAddress, Path> ask(Map<InetAddress, Integer> hosts) throws LinuxException {
        Map<InetAddress, PathSearch> searches = new HashMap<>();
        try {
            open(hosts, searches);
            List<PathSearch> open = new ArrayList<>(searches.values());
            long end = clock.getAsLong() + MOST_MILLIS * 1_000_000L;
            for (int round = 0; round < MOST_ROUNDS && !open.isEmpty() && clock.getAsLong() < end; round++) {
                round(open, end);
            }
            Map<InetAddress, Path> paths = new HashMap<>();
            searches.forEach((host, search) -> paths.put(host, search.result()));
            return paths;
        } finally {
            searches.values().forEach(PathSearch::close);
        }
    }

    private void open(Map<InetAddress, Integer> hosts, Map<InetAddress, PathSearch> searches) throws LinuxException {
        LinuxException refusal = null;
        for (Map.Entry<InetAddress, Integer> host : hosts.entrySet()) {
            try {
                searches.put(host.getKey(), new PathSearch(lines.open(host.getKey()), host.getValue(), clock));
            } catch (LinuxException e) {
                refusal = e;
            }
        }
        if (searches.isEmpty() && refusal != null) throw refusal;
    }

    /** Sends to all hosts, waits for all, and leaves out those of which nothing more is to be learned. */
    private void round(List<PathSearch> open, long latest) {
        open.forEach(PathSearch::send);
        long end = Math.min(latest, clock.getAsLong() + ROUND_MILLIS * 1_000_000L);
        for (PathSearch search : open) search.take(end);
        open.removeIf(PathSearch::isDone);
    }
}
