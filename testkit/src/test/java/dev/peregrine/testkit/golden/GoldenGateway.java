package dev.peregrine.testkit.golden;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.testkit.Pcap;
import dev.peregrine.testkit.SimNet;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Segment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The gateway of the goldens, always the same: VNI 42 with the ports 0 and 1, VNI 43 with port 2, both flooding to two
 * remote VTEPs. Frames that enter at one instant are processed together.
 */
final class GoldenGateway implements AutoCloseable {
    static final String UNDERLAY = "underlay";
    static final List<String> PLACES = List.of(UNDERLAY, "port0", "port1", "port2");

    static final IpAddress LOCAL = new IpAddress(0, 0xffff_c612_0002L);
    static final IpAddress REMOTE = new IpAddress(0, 0xffff_c612_0001L);
    static final IpAddress OTHER_REMOTE = new IpAddress(0, 0xffff_c612_0003L);
    static final IpAddress STRANGER = new IpAddress(0, 0xffff_c612_0009L);
    static final int VNI = 42;
    static final int OTHER_VNI = 43;
    static final int MTU = 1450;

    private static final int PORTS = 3;

    private final MemoryNetwork network = new MemoryNetwork(this::carry);
    private final MemoryGateway gateway;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, List<Pcap.Frame>> left = new HashMap<>();

    private record Entry(String place, Pcap.Frame frame) {}

    GoldenGateway() {
        this(0);
    }

    /** The same with a flow cache. */
    GoldenGateway(int flows) {
        GatewayShape shape = GatewayShape.of(
                List.of(new Segment(0, VNI, MTU, false), new Segment(1, OTHER_VNI, MTU, false)), List.of(0, 0, 1));
        gateway = new MemoryGateway(network, LOCAL, shape.flows(flows));
        List<Integer> tunnels = List.of(gateway.addVtep(REMOTE), gateway.addVtep(OTHER_REMOTE));
        gateway.flood(Map.of(0, tunnels, 1, tunnels));
    }

    /** Has frames enter at their times. */
    void enter(String place, List<Pcap.Frame> frames) {
        frames.forEach(frame -> entries.add(new Entry(place, frame)));
    }

    /** Runs until all that enters has left. */
    void run() {
        entries.sort(Comparator.comparingLong(entry -> entry.frame().nanos()));
        for (int i = 0; i < entries.size(); ) {
            long now = entries.get(i).frame().nanos();
            gateway.advance(now - gateway.nowNanos());
            for (; i < entries.size() && entries.get(i).frame().nanos() == now; i++) {
                enter(entries.get(i));
            }
            gateway.fdb().age(gateway.nowNanos());
            gateway.run();
            for (int port = 0; port < PORTS; port++) {
                for (byte[] frame : gateway.endpoint(port).received()) {
                    leave("port" + port, frame);
                }
            }
        }
        entries.clear();
        if (!gateway.faults().isEmpty()) {
            throw new AssertionError(gateway.faults().getFirst());
        }
    }

    private void enter(Entry entry) {
        byte[] bytes = entry.frame().bytes();
        if (entry.place().equals(UNDERLAY)) {
            network.deliver(Pcap.datagram(bytes));
        } else {
            gateway.endpoint(entry.place().charAt(4) - '0').send(bytes);
        }
    }

    private void carry(MemoryNetwork.Datagram datagram) {
        leave(UNDERLAY, Pcap.frame(datagram, SimNet.UDP_PORT));
    }

    private void leave(String place, byte[] frame) {
        left.computeIfAbsent(place, key -> new ArrayList<>()).add(new Pcap.Frame(gateway.nowNanos(), frame));
    }

    /** The gateway itself. */
    MemoryGateway gateway() {
        return gateway;
    }

    /** The frames that left there so far. */
    List<Pcap.Frame> left(String place) {
        return left.getOrDefault(place, List.of());
    }

    /** Every counter that is not zero. */
    Map<String, Long> counters() {
        Map<String, Long> counters = new TreeMap<>();
        for (DropReason reason : DropReason.values()) {
            put(counters, "drops " + reason, gateway.dropped(reason));
        }
        for (int i = 0; i < PORTS; i++) {
            Port port = gateway.port(i);
            put(counters, "port" + i + " rx packets", port.rxPackets());
            put(counters, "port" + i + " rx bytes", port.rxBytes());
            put(counters, "port" + i + " tx packets", port.txPackets());
            put(counters, "port" + i + " tx bytes", port.txBytes());
        }
        put(counters, "packets in", gateway.segmentsIn());
        put(counters, "packets copied", gateway.segmentsCopied());
        put(counters, "packets answered", gateway.segmentsAnswered());
        put(counters, "packets consumed", gateway.segmentsConsumed());
        put(counters, "packets out", gateway.segmentsOut());
        long[] learned = {0};
        gateway.fdb().forEach((segment, mac, port, isStatic, seen) -> learned[0]++);
        put(counters, "fdb entries", learned[0]);
        return counters;
    }

    private static void put(Map<String, Long> counters, String name, long value) {
        if (value != 0) {
            counters.put(name, value);
        }
    }

    @Override
    public void close() {
        gateway.close();
    }
}
