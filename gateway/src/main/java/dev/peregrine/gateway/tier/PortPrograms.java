package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.bpf.Attachment.Place;
import dev.peregrine.dataplane.bpf.Hook;
import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.TcxLink;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.VethPort;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The program at the host ends of ports, and the ports that have it. Belongs to the control thread. */
final class PortPrograms implements AutoCloseable {
    private final TierMeans means;
    private final WorkerEnds workers;
    private final Graces graces;
    private final Map<Integer, PortLink> ports = new HashMap<>();
    private @Nullable LoadedProgram loaded;

    /** The program at a port. */
    private static final class PortLink {
        /** The number of the host end that it is at. */
        private final int hostEnd;

        private final TcxLink link;
        private volatile boolean isGone;

        PortLink(int hostEnd, TcxLink link) {
            this.hostEnd = hostEnd;
            this.link = link;
        }

        /** Whether the program has ended. Any thread. */
        boolean isGone() {
            return isGone;
        }

        void close() {
            isGone = true;
            link.close();
        }
    }

    /** Programs at no port. Workers have joined before the first {@link #follow}. */
    PortPrograms(TierMeans means, WorkerEnds workers, Graces graces) {
        this.means = means;
        this.workers = workers;
        this.graces = graces;
    }

    /** Loads the program; without one, {@link #follow} does nothing. */
    void load(Program program) throws LinuxException {
        loaded = LoadedProgram.load(program);
    }

    /** Attaches the program at ports that have come up, and forgets those that have gone. */
    void follow() {
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
                each.getValue().close();
                ports.remove(each.getKey());
                workers.forgetFrames(each.getKey());
            }
        }
        there.keySet().removeAll(ports.keySet());
        there.forEach((port, hostEnd) ->
                means.faults().run("the program at port " + port, () -> attach(program, port, hostEnd)));
    }

    /** A port that fails, as one whose host end goes just now, keeps no other from it, and has its turn again. */
    private void attach(LoadedProgram program, int port, int hostEnd) {
        try {
            PortLink made = new PortLink(hostEnd, TcxLink.attach(program, hostEnd, Hook.INGRESS, Place.FIRST));
            ports.put(port, made);
            graces.after(() -> workers.countFrames(port, made::isGone));
        } catch (LinuxException e) {
            throw new IllegalStateException(e.getMessage(), e);
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
        ports.values().forEach(PortLink::close);
        if (loaded != null) {
            loaded.close();
        }
    }
}
