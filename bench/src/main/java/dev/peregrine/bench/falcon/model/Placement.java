package dev.peregrine.bench.falcon.model;

import dev.peregrine.bench.chain.Devices;
import dev.peregrine.bench.chain.FlowOrder;
import dev.peregrine.bench.chain.MemorySource;
import dev.peregrine.bench.chain.Pace;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.schedule.Steering;
import dev.peregrine.vxlan.VxlanHeader;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Device ids that put the devices of one flow on wanted workers. Falcon hashes a given part (the flow) and a chosen one
 * (the ids), so whether a flow's devices are spread is luck unless ids are chosen for it.
 */
public final class Placement {
    private static final int MOST_IDS = 10_000;

    private Placement() {}

    /**
     * Ids whose first choice is the wanted worker of each device, and whose second choice is as wanted, too.
     *
     * @param flow of some traffic
     * @param workers how many there are
     * @param first worker by device; those that are missing may go anywhere
     * @param second worker by device; those that are missing may go anywhere
     */
    public static Map<String, Integer> ids(
            Traffic traffic, int flow, int workers, Map<String, Integer> first, Map<String, Integer> second) {
        int flowHash = flowHash(traffic, flow);
        Map<String, Integer> ids = new LinkedHashMap<>();
        Set<Integer> taken = new HashSet<>();
        for (String device : List.of("underlay", "vtep", "bridge", "port")) {
            // The sender of a datagram steers it before dissection.
            int hashed = device.equals("underlay") ? new Devices(1).tunnelPort() : flowHash;
            int id = 1;
            while (taken.contains(id)
                    || !goesTo(first.get(device), Steering.hash32(hashed + id) % workers)
                    || !goesTo(second.get(device), Steering.hash32(Steering.hash32(hashed + id)) % workers)) {
                if (id++ == MOST_IDS) throw new IllegalStateException("no id for " + device);
            }
            taken.add(id);
            ids.put(device, id);
        }
        return ids;
    }

    private static boolean goesTo(@Nullable Integer wanted, int worker) {
        return wanted == null || wanted == worker;
    }

    /** Spreads the devices of the first flow in the order of its way; worker 0 receives and coalesces. */
    static Map<String, Integer> spread(Traffic traffic, int workers) {
        return ids(traffic, 0, workers, workersByDevice(workers), Map.of());
    }

    /** As {@link #spread}, with coalescing away from where worker 0 receives. */
    static Map<String, Integer> split(Traffic traffic, int workers) {
        return ids(traffic, 0, workers, splitWorkersByDevice(workers), Map.of());
    }

    /** Where {@link #spread} puts what. */
    static Map<String, Integer> workersByDevice(int workers) {
        return switch (workers) {
            case 1 -> Map.of("vtep", 0, "bridge", 0, "port", 0);
            case 2 -> Map.of("vtep", 0, "bridge", 1, "port", 1);
            case 3 -> Map.of("vtep", 0, "bridge", 1, "port", 2);
            default -> Map.of("vtep", 1, "bridge", 2, "port", 3);
        };
    }

    /** Where {@link #split} puts what. */
    static Map<String, Integer> splitWorkersByDevice(int workers) {
        return switch (workers) {
            case 1 -> Map.of("underlay", 0, "vtep", 0, "bridge", 0, "port", 0);
            case 2 -> Map.of("underlay", 1, "vtep", 1, "bridge", 0, "port", 0);
            case 3 -> Map.of("underlay", 1, "vtep", 1, "bridge", 2, "port", 0);
            case 4 -> Map.of("underlay", 1, "vtep", 2, "bridge", 3, "port", 0);
            default -> Map.of("underlay", 1, "vtep", 2, "bridge", 3, "port", 4);
        };
    }

    private static int flowHash(Traffic traffic, int flow) {
        try (PacketPool pool = new PacketPool(1, traffic.datagrams());
                MemorySource source = new MemorySource(
                        pool,
                        flow,
                        1,
                        new Devices(1).tunnelPort(),
                        traffic,
                        FlowOrder.inTurn(1),
                        Pace.UNLIMITED,
                        false)) {
            Batch batch = new Batch();
            source.poll(batch);
            Dissector.dissect(batch.packet(0), VxlanHeader.LENGTH);
            int hash = batch.packet(0).flowHash();
            batch.release();
            return hash;
        }
    }
}
