package dev.peregrine.bench.econ;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.overlay.Wiring;
import dev.peregrine.vxlan.VxlanHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An ablation: a flow cache with the key that ECON's prototype compares. Of the outer header it knows a hash, which is
 * the same here for all packets, since senders choose it by the outer source port; of the inner one the five-tuple. It
 * takes VXLAN headers off without looking at them. For one worker.
 */
final class WeakCache {
    private static final int IPV4_SOURCE = 12;

    private record Key(long addresses, int protocol, int ports) {
        /** {@code frame} is the index of the inner Ethernet header in an untagged IPv4 packet with ports. */
        static Key of(Packet packet, int frame) {
            int network = frame + EthernetHeader.LENGTH;
            return new Key(
                    packet.getLong(network + IPV4_SOURCE), packet.protocol(), packet.getInt(packet.transportIndex()));
        }
    }

    private final Map<Key, Integer> ports = new HashMap<>();

    /** A packet of the slow path was delivered at a port. */
    void learn(Packet packet, int port) {
        ports.putIfAbsent(Key.of(packet, 0), port);
    }

    /** The graph with a look-up at its entrance, from where packets of known flows go to their endpoints. */
    Topology inFrontOf(Topology chain) {
        Topology.StageSpec decap = Objects.requireNonNull(chain.stage(Wiring.DECAP), Wiring.DECAP);
        List<Topology.Exit> exits = new ArrayList<>(List.of(decap.at()));
        chain.stages().stream()
                .filter(spec ->
                        spec.at().kind().equals(Wiring.PORT) && spec.name().equals("out"))
                .forEach(spec -> exits.addAll(spec.exits()));
        Topology.Address lookup = decap.at().kind().at("lookup");
        return chain.stage(lookup, worker -> new Lookup(), exits.toArray(Topology.Exit[]::new))
                .redirect(Wiring.COALESCE, lookup);
    }

    private final class Lookup implements Stage {
        @Override
        public String name() {
            return "lookup";
        }

        @Override
        public void process(Batch batch) {
            for (int i = 0; i < batch.size(); i++) {
                Packet packet = batch.packet(i);
                @Nullable Integer port = ports.get(Key.of(packet, VxlanHeader.LENGTH));
                if (port == null) {
                    batch.verdict(i, Verdict.forward(0));
                } else {
                    packet.pull(VxlanHeader.LENGTH).segment(port).outPort(port);
                    batch.verdict(i, Verdict.forward(1 + port));
                }
            }
        }
    }
}
