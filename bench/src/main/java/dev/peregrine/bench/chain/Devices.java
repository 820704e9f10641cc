package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.dataplane.policy.conntrack.FlowTimeouts;
import dev.peregrine.dataplane.stage.FloodGroups;
import dev.peregrine.fastpath.Epoch;
import dev.peregrine.overlay.VirtualDevices;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.SegmentTable;
import dev.peregrine.vxlan.TunnelSettings;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VtepTable;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The virtual devices of a gateway: some VNIs, in each of which one local port and, behind one remote VTEP, the host
 * that sends. The FDB knows both. Workers share it, each with stages of its own.
 */
public final class Devices {
    /** The VNI of the first segment; the others follow it. */
    public static final int FIRST_VNI = 42;

    /** MAC of the sending host, the same in each segment. */
    public static final long REMOTE_MAC = 0x0200_0000_0001L;

    /** MAC at the local port of each segment, the same in each. */
    public static final long LOCAL_MAC = 0x0200_0000_0002L;

    /** The overlay's MTU. */
    public static final int MTU = 1450;

    private static final int UDP_PORT = 4789;
    private static final int MAX_WORKERS = 16;
    private static final int FLOWS = 1 << 16;
    private static final int FDB_CAPACITY = 1 << 16;
    private static final long AGEING_NANOS = 3_600_000_000_000L;

    private final VtepTable vteps = new VtepTable(UDP_PORT, VtepTable.DEFAULT_CAPACITY);
    private final VirtualDevices devices;
    private final Epoch epoch;
    private final RemoteVtep remote;

    /** The devices of a gateway with {@code vnis} VNIs. */
    public Devices(int vnis) {
        this(vnis, FLOWS);
    }

    /** The same with room for the states of {@code states} flows. */
    public Devices(int vnis, int states) {
        Fdb fdb = new Fdb(FDB_CAPACITY);
        Vtep vtep = new Vtep(TunnelSettings.DEFAULT);
        Policy policy = new Policy(MAX_WORKERS, fdb, new FlowStates(states, FlowTimeouts.DEFAULT, true));
        Bridge bridge = new Bridge(fdb, vnis, () -> {});
        remote = Objects.requireNonNull(vteps.configure(IpAddress.of(InetAddress.ofLiteral("198.18.0.1"))));
        List<Segment> segments = new ArrayList<>();
        List<Port> ports = new ArrayList<>();
        int[][] groups = new int[vnis][];
        for (int i = 0; i < vnis; i++) {
            segments.add(new Segment(i, FIRST_VNI + i, MTU, false));
            ports.add(new Port(i, "port" + i, i, false, MTU));
            fdb.configure(i, FDB_CAPACITY / vnis, AGEING_NANOS);
            bridge.learning(i, true);
            fdb.add(i, REMOTE_MAC, remote.port(), false, System.nanoTime());
            fdb.add(i, LOCAL_MAC, i, false, System.nanoTime());
            groups[i] = new int[] {i, remote.port()};
        }
        bridge.groups(new FloodGroups(groups));
        vtep.segments(SegmentTable.of(segments));
        devices = new VirtualDevices(fdb, vtep, policy, bridge, List.copyOf(ports));
        epoch = new Epoch(vnis);
        devices.announceTo(epoch);
    }

    /** The devices as a graph joins them; the local port with number n is in segment n. */
    public VirtualDevices virtual() {
        return devices;
    }

    /** The epoch that tells of changed tables. */
    public Epoch epoch() {
        return epoch;
    }

    /** The tunnel port of the VTEP that datagrams come from. */
    public int tunnelPort() {
        return remote.port();
    }

    /** The policy: everything is allowed, until something is published. */
    public Policy policy() {
        return devices.policy();
    }

    /** The bridge's table; to be changed by one thread. */
    public Fdb fdb() {
        return devices.fdb();
    }

    /** Has no table announce its changes to flow caches any more, for what keeps decisions otherwise. */
    public Devices unannounced() {
        devices.announceTo(new Epoch(devices.ports().size()));
        return this;
    }
}
