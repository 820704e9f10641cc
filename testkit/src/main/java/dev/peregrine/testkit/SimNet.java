package dev.peregrine.testkit;

import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * A world of gateways with a clock and a network of its own. One seed decides which gateway takes the next turn and its
 * length, when the control thread applies learned addresses, the travel time of each datagram, and which datagrams are
 * lost, doubled or overtaken. Two worlds of one seed behave alike to the last byte.
 *
 * <p>The world keeps all datagrams that cross the network. When a check fails, {@link #verify} writes them to a capture
 * file, and names the file and the seed. Not thread-safe.
 */
public final class SimNet {
    /** The UDP port in capture files. */
    public static final int UDP_PORT = 4789;

    private static final int MOST_KEPT = 200_000;
    private static final int LONGEST_TURN = 64;
    private static final long LATENCY_NANOS = 20_000;
    private static final long TURN_NANOS = 10_000;

    private final Gen gen;
    private final MemoryNetwork network = new MemoryNetwork(this::carry);
    private final List<MemoryGateway> gateways = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Set<Cut> cuts = new HashSet<>();
    private final List<Pcap.Frame> seen = new ArrayList<>();
    private Faults faults = Faults.NONE;
    private int mtu = Integer.MAX_VALUE;
    private long nowNanos;
    private long number;
    private long sent;
    private long lost;
    private long doubled;
    private long delivered;

    /**
     * The harm that the network does to datagrams.
     *
     * @param lossPercent how many are lost
     * @param doublePercent how many arrive twice
     * @param delayPercent how many are held back, so that later ones overtake them
     * @param delayNanos for how long at most
     */
    public record Faults(int lossPercent, int doublePercent, int delayPercent, long delayNanos) {
        /** A network that loses nothing and keeps the order. */
        public static final Faults NONE = new Faults(0, 0, 0, 0);
    }

    private record Cut(IpAddress from, IpAddress to) {}

    /** An event at a time; events of one time in the order in which they were made. */
    private record Event(long nanos, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return nanos != other.nanos ? Long.compare(nanos, other.nanos) : Long.compare(number, other.number);
        }
    }

    /** An empty world. */
    public SimNet(Gen gen) {
        this.gen = gen;
    }

    /** The network, for gateways to join. */
    public MemoryNetwork network() {
        return network;
    }

    /** Has the world run a gateway that joined the network. */
    public void add(MemoryGateway gateway) {
        gateways.add(gateway);
    }

    /** From now on. */
    public void faults(Faults newFaults) {
        faults = newFaults;
    }

    /**
     * From now on the network carries IP packets of at most {@code bytes} bytes. Longer ones are lost: none is
     * fragmented.
     */
    public void mtu(int bytes) {
        mtu = bytes;
    }

    /** Cuts two hosts off from each other. Datagrams on the way arrive. */
    public void cut(IpAddress one, IpAddress other) {
        cuts.add(new Cut(one, other));
        cuts.add(new Cut(other, one));
    }

    /** Joins all hosts again. */
    public void heal() {
        cuts.clear();
    }

    /** Has something happen later. */
    public void after(long nanos, Runnable action) {
        events.add(new Event(nowNanos + nanos, number++, action));
    }

    // ---- the network ------------------------------------------------------------------------------------------

    private void carry(Datagram datagram) {
        sent++;
        if (seen.size() < MOST_KEPT) {
            seen.add(new Pcap.Frame(nowNanos, Pcap.frame(datagram, UDP_PORT)));
        }
        int headers = (datagram.source().isIpv4() ? 20 : 40) + 8;
        boolean cut = cuts.contains(new Cut(datagram.source(), datagram.destination()));
        if (cut || datagram.payload().length + headers > mtu || isOneOf(faults.lossPercent())) {
            lost++;
            return;
        }
        int copies = 1;
        if (isOneOf(faults.doublePercent())) {
            doubled++;
            copies = 2;
        }
        for (int i = 0; i < copies; i++) {
            long delay = isOneOf(faults.delayPercent()) ? (long) (faults.delayNanos() * (gen.below(1000) / 1000.0)) : 0;
            after(LATENCY_NANOS + delay, () -> {
                delivered++;
                network.deliver(datagram);
            });
        }
    }

    private boolean isOneOf(int percent) {
        return percent > 0 && gen.below(100) < percent;
    }

    /** Datagrams that were sent. */
    public long sent() {
        return sent;
    }

    /** Datagrams that the network lost: by chance, for their length, or between hosts that are cut off. */
    public long lost() {
        return lost;
    }

    /** Datagrams that the network doubled. */
    public long doubled() {
        return doubled;
    }

    /** Datagrams that arrived, copies included; what is on the way has not. */
    public long delivered() {
        return delivered;
    }

    // ---- time -------------------------------------------------------------------------------------------------

    /** Lets so much time pass. */
    public void run(long nanos) {
        long end = nowNanos + nanos;
        while (nowNanos < end) {
            if (!step(end)) {
                advanceTo(end);
            }
        }
    }

    /** Lets time pass until nothing is on the way and no gateway has anything to do. */
    public void settle() {
        while (step(Long.MAX_VALUE)) {
            // until nothing happens
        }
    }

    /** One turn of one gateway that has work, or the next event before {@code end}; false when there is neither. */
    private boolean step(long end) {
        while (!events.isEmpty() && events.element().nanos() <= nowNanos) {
            events.remove().action().run();
        }
        List<MemoryGateway> busy =
                gateways.stream().filter(MemoryGateway::hasWork).toList();
        if (!busy.isEmpty()) {
            takeTurn(busy.get(gen.below(busy.size())));
            advanceTo(nowNanos + 1 + gen.below((int) TURN_NANOS));
            return true;
        }
        if (events.isEmpty() || events.element().nanos() > end) {
            return false;
        }
        advanceTo(events.element().nanos());
        return true;
    }

    /** The control thread comes when it comes, a worker whenever it is raised. */
    private void takeTurn(MemoryGateway gateway) {
        int taken = gen.oneIn(3) ? 0 : gateway.turn(gen.below(gateway.workers()), 1 + gen.below(LONGEST_TURN));
        if (taken == 0) {
            gateway.applyLearns();
        }
    }

    private void advanceTo(long nanos) {
        long step = nanos - nowNanos;
        nowNanos = nanos;
        gateways.forEach(gateway -> gateway.advance(step));
    }

    // ---- checks -----------------------------------------------------------------------------------------------

    /** The datagrams that crossed the network, lost datagrams included, as frames. */
    public List<Pcap.Frame> seen() {
        return seen;
    }

    /** Runs a check; when it fails, writes what crossed the network to a file, and fails with its name and the seed. */
    public void verify(String name, Runnable check) {
        try {
            check.run();
        } catch (RuntimeException | AssertionError e) {
            Path file = Path.of("target", "sim", name + ".pcap");
            try {
                Pcap.write(file, seen);
            } catch (IOException io) {
                throw new UncheckedIOException(io);
            }
            throw new AssertionError(gen + ", after " + nowNanos + " ns; what crossed the network is in " + file, e);
        }
    }
}
