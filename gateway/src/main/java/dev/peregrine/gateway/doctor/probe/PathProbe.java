package dev.peregrine.gateway.doctor.probe;

import dev.peregrine.dataplane.linux.socket.EchoSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The largest packets that get to hosts, by ICMP echo with Don't Fragment: no VTEP takes them for traffic. All hosts are
 * asked at once, in rounds of a few sizes each, with at most 110 packets for each host and for two seconds. Only the way
 * there is seen: a host may fragment its answers.
 */
public final class PathProbe {
    private static final int FIRST_WAIT_MILLIS = 300;
    private static final int NEXT_WAIT_MILLIS = 200;

    /** Sizes between two known ones: 65,535 takes four rounds, and one more makes sure. */
    private static final int SIZES = 16;

    private static final int MOST_ROUNDS = 6;
    private static final int SMALL = 100;

    private final InetAddress from;
    private final @Nullable String device;

    /** Probes from an address, and by an interface if there is one. */
    public PathProbe(InetAddress from, @Nullable String device) {
        this.from = from;
        this.device = device;
    }

    /**
     * The answers of a host.
     *
     * @param largest bytes of the largest IP packet that it answered; 0 if it answered none
     * @param asked bytes of the largest that it was asked for: the MTU of the interface
     */
    public record Path(int largest, int asked) {
        /** Whether the host answers at all. */
        public boolean answers() {
            return largest > 0;
        }
    }

    /** A search for the largest packet of one host, between one that was answered and one that was not. */
    private static final class Search implements AutoCloseable {
        private final EchoSocket socket;
        private final int asked;
        private final Map<Integer, Integer> sizes = new HashMap<>();
        private int answered;
        private int unanswered;

        /** The least size that was not answered, when it was sent again. */
        private int confirmed;

        private int sequence;

        Search(EchoSocket socket, int asked) {
            this.socket = socket;
            this.asked = asked;
            unanswered = asked + 1;
        }

        void send(int bytes) {
            int number = sequence++;
            if (socket.send(bytes, number) >= 0) sizes.put(number, bytes);
        }

        /** Takes answers until one to the largest request has come, or time is over. */
        void take(long end) {
            int largest = sizes.values().stream().max(Integer::compare).orElse(0);
            while (answered < largest) {
                long left = (end - System.nanoTime()) / 1_000_000;
                int number = socket.receive((int) Math.max(1, left));
                if (number < 0) return;
                answered = Math.max(answered, sizes.getOrDefault(number, 0));
            }
        }

        /** Sends the largest size and a small one. */
        void begin() {
            send(asked);
            send(Math.min(SMALL, asked));
            send(asked); // one may be lost
        }

        /** Sends sizes between those known, or, where there are none, once more the least that was not answered. */
        void next() {
            int gap = unanswered - answered;
            for (int i = 1; i <= SIZES; i++) {
                int size = answered + gap * i / (SIZES + 1);
                if (size > answered && size < unanswered) send(size);
            }
            if (gap == 1) {
                send(unanswered);
                confirmed = unanswered;
            }
        }

        /** Answers may be late: all that was sent counts. */
        void conclude() {
            unanswered = sizes.values().stream()
                    .filter(size -> size > answered)
                    .min(Integer::compare)
                    .orElse(asked + 1);
        }

        boolean isSilent() {
            return answered == 0;
        }

        boolean isDone() {
            return isSilent() || answered == asked || confirmed == answered + 1;
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    /**
     * Asks hosts; a host that cannot be asked, as for want of a route, is left out.
     *
     * @param hosts with the MTU of the interface that leads to each
     * @throws LinuxException when none can be asked
     */
    public Map<InetAddress, Path> ask(Map<InetAddress, Integer> hosts) throws LinuxException {
        Map<InetAddress, Search> searches = new HashMap<>();
        try {
            open(hosts, searches);
            List<Search> open = new ArrayList<>(searches.values());
            round(open, Search::begin, FIRST_WAIT_MILLIS);
            List<Search> silent = new ArrayList<>(
                    searches.values().stream().filter(Search::isSilent).toList());
            if (!silent.isEmpty()) round(silent, Search::begin, FIRST_WAIT_MILLIS); // ARP may have taken its time
            open.addAll(silent);
            for (int round = 0; round < MOST_ROUNDS && !open.isEmpty(); round++) {
                round(open, Search::next, NEXT_WAIT_MILLIS);
            }
            Map<InetAddress, Path> paths = new HashMap<>();
            searches.forEach((host, search) -> paths.put(host, new Path(search.answered, search.asked)));
            return paths;
        } finally {
            searches.values().forEach(Search::close);
        }
    }

    private void open(Map<InetAddress, Integer> hosts, Map<InetAddress, Search> searches) throws LinuxException {
        LinuxException refusal = null;
        for (Map.Entry<InetAddress, Integer> host : hosts.entrySet()) {
            try {
                EchoSocket socket = EchoSocket.open(host.getKey(), from, device);
                searches.put(host.getKey(), new Search(socket, host.getValue()));
            } catch (LinuxException e) {
                refusal = e;
            }
        }
        if (searches.isEmpty() && refusal != null) throw refusal;
    }

    /** Sends to all hosts, waits for all, and leaves out those of which nothing more is to be learned. */
    private static void round(List<Search> open, Consumer<Search> send, int waitMillis) {
        open.forEach(send);
        long end = System.nanoTime() + waitMillis * 1_000_000L;
        for (Search search : open) search.take(end);
        for (Search search : open) search.conclude();
        open.removeIf(Search::isDone);
    }
}
