package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.bpf.Attachment.Place;
import dev.peregrine.dataplane.bpf.Hook;
import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.TcxLink;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.fastpath.kernel.table.KernelFlows;
import dev.peregrine.fastpath.kernel.table.OrderBook;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.VethPort;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The program at the host ends of ports, and the ports that have it. Belongs to the control thread. */
final class PortPrograms implements AutoCloseable {
    /** For which a worker looks whether it finds nothing more. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final TierMeans means;
    private final KernelFlows flows;
    private final List<OrderBook> books;
    private final Map<Integer, PortLink> ports = new HashMap<>();
    private @Nullable LoadedProgram loaded;

    /** The program at a port, and the number of the host end that it is at. */
    private record PortLink(int hostEnd, TcxLink link) {}

    /** Programs at no port. A book for each lane of {@code means} is there before the first {@link #follow}. */
    PortPrograms(TierMeans means, KernelFlows flows, List<OrderBook> books) {
        this.means = means;
        this.flows = flows;
        this.books = books;
    }

    /** Loads the program; without one, {@link #follow} does nothing. */
    void load(Program program) throws LinuxException {
        loaded = LoadedProgram.load(program);
    }

    /** Attaches the program at ports that have come up, and forgets those that have gone. */
    void follow() throws IOException {
        LoadedProgram program = loaded;
        if (program == null) {
            return;
        }
        Map<Integer, Integer> there = new HashMap<>();
        for (LocalPort port : means.ports()) {
            if (port instanceof VethPort veth && veth.hostEnd().isPresent()) {
                there.put(port.port().id(), veth.hostEnd().getAsInt());
            }
        }
        for (Map.Entry<Integer, PortLink> each : List.copyOf(ports.entrySet())) {
            if (!Objects.equals(there.get(each.getKey()), each.getValue().hostEnd)) {
                each.getValue().link.close();
                ports.remove(each.getKey());
                books.forEach(book -> book.counts(each.getKey(), false));
            }
        }
        there.keySet().removeAll(ports.keySet());
        if (!there.isEmpty()) {
            attach(program, there);
        }
    }

    /** A port that fails, as one whose host end goes just now, keeps no other from it, and has its turn again. */
    private void attach(LoadedProgram program, Map<Integer, Integer> hostEnds) throws IOException {
        Map<Integer, PortLink> made = new HashMap<>();
        for (Map.Entry<Integer, Integer> each : hostEnds.entrySet()) {
            int port = each.getKey();
            int hostEnd = each.getValue();
            means.faults().run("the program at port " + port, () -> made.put(port, link(program, hostEnd)));
        }
        try {
            count(made.keySet());
        } catch (IOException | RuntimeException e) {
            made.values().forEach(each -> each.link.close());
            made.keySet().forEach(port -> books.forEach(book -> book.counts(port, false)));
            throw e;
        }
        ports.putAll(made);
    }

    private static PortLink link(LoadedProgram program, int hostEnd) {
        try {
            return new PortLink(hostEnd, TcxLink.attach(program, hostEnd, Hook.INGRESS, Place.FIRST));
        } catch (LinuxException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Packets from before the program are not counted out: workers count only when these have left them. */
    private void count(Set<Integer> begun) throws IOException {
        if (begun.isEmpty()) {
            return;
        }
        flows.confirm();
        for (int i = 0; i < books.size(); i++) {
            EventLoopLane lane = means.lanes().get(i);
            OrderBook book = books.get(i);
            lane.call(() -> {
                boolean isExhausted = lane.worker().exhaust(System.nanoTime() + LOOK_NANOS);
                begun.forEach(port -> book.counts(port, true));
                return isExhausted;
            });
        }
    }

    /** Whether packets that come in by a port meet the program. */
    boolean hasProgram(int port) {
        return ports.containsKey(port);
    }

    /** The number of the interface at which packets of a port that has the program meet it. */
    int hostEnd(int port) {
        return Objects.requireNonNull(ports.get(port)).hostEnd;
    }

    /** Ends the program at all ports. */
    @Override
    public void close() {
        ports.values().forEach(port -> port.link.close());
        if (loaded != null) {
            loaded.close();
        }
    }
}
