package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.neighbour.NeighbourTable;
import dev.peregrine.dataplane.device.port.PathMtus;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.stage.FloodGroups;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.Room;
import dev.peregrine.gateway.config.model.FdbEntryConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.NeighbourConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VtepTable;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables in which packets are looked up: this VTEP with its segments, the VTEPs there are, the FDB, and the bridge with its
 * neighbours, flood groups and MTUs. Made empty, then filled from the configuration. Belongs to the control thread;
 * workers only read.
 */
public final class Tables {
    private static final Logger log = LoggerFactory.getLogger(Tables.class);

    private final GatewayConfig config;
    private final Segments segments;
    private final Budget budget;
    private final VtepTable vteps;
    private final Vtep vtep;
    private final Fdb fdb;
    private final Bridge bridge;
    private int[][] groups = new int[0][];

    /** Empty tables; {@code learned} is run by workers when there is something for the bridge to apply. */
    public Tables(GatewayConfig config, Segments segments, Budget budget, Runnable learned) {
        this.config = config;
        this.segments = segments;
        this.budget = budget;
        int configured = config.configuredVteps().size();
        vteps = new VtepTable(config.underlay().port(), Math.max(VtepTable.DEFAULT_CAPACITY, 2 * configured));
        vtep = new Vtep(config.underlay().tunnel());
        fdb = new Fdb(budget.fdbCapacity(Room.left()));
        int portCount =
                config.vnis().stream().mapToInt(vni -> vni.ports().size()).sum();
        bridge = new Bridge(fdb, portCount, learned);
    }

    /** Fills in what the configuration has: VTEPs, segments, flood groups, static FDB entries. */
    public void fill() throws IOException {
        config.underlay().allow().ifPresent(networks -> vteps.allow(AllowList.of(networks)));
        vtep.segments(segments.table());
        groups = new int[segments.size()][];
        int nextPort = 0;
        for (int segment = 0; segment < groups.length; segment++) {
            VniConfig vni = segments.config(segment);
            fdb.configure(segment, vni.fdbLimit(), vni.ageing().toNanos());
            int share = Math.min(vni.fdbLimit(), budget.fdbShare(fdb.capacity()));
            fdb.reserve(segment, share);
            bridge.neighbours().reserve(segment, share);
            bridge.learning(segment, vni.learning());
            bridge.forwardGroups(segment, vni.groupForwardMask());
            addNeighbours(segment, vni);
            reserve(segment, Ports.FIRST_TUNNEL, shareOfPort(vni));
            List<Integer> members = new ArrayList<>();
            for (int i = 0; i < vni.ports().size(); i++) {
                fdb.limitPort(nextPort, vni.fdbLimitPerPort().orElse(Integer.MAX_VALUE));
                reserve(segment, nextPort++, shareOfPort(vni));
            }
            for (InetAddress remote : vni.flood()) {
                members.add(tunnelTo(remote));
            }
            for (FdbEntryConfig entry : vni.fdb()) {
                int port = entry.vtep().isPresent()
                        ? tunnelTo(entry.vtep().get())
                        : segments.portNumber(entry.port().orElseThrow());
                addStatic(segment, port).accept(entry.mac());
            }
            groups[segment] = members.stream().mapToInt(Integer::intValue).toArray();
        }
        publishGroups();
    }

    /**
     * Takes a port in that came up: it receives floods, MACs are learned behind it, and its own MAC leads to it, unless
     * somebody has set a static entry for that MAC elsewhere.
     */
    void enter(Port port, Optional<MacAddress> mac) {
        fdb.portUp(port.id());
        mac.ifPresent(own -> addOwn(port, own));
        int[] before = groups[port.segment()];
        groups[port.segment()] =
                IntStream.concat(IntStream.of(port.id()), Arrays.stream(before)).toArray();
        publishGroups();
    }

    private void addOwn(Port port, MacAddress mac) {
        OptionalInt elsewhere = fdb.staticPort(port.segment(), mac.value());
        if (elsewhere.isPresent() && elsewhere.getAsInt() != port.id()) {
            log.warn("port {}: the static FDB entry for its MAC {} leads elsewhere, and stays", port.name(), mac);
        } else if (!fdb.add(port.segment(), mac.value(), port.id(), true, System.nanoTime())) {
            log.warn("port {}: the FDB is full, so frames to its MAC {} are flooded", port.name(), mac);
        }
    }

    /**
     * Lets go of a port that went down: it receives no floods, and what was learned behind it, and its own MAC, may be
     * learned elsewhere, as when a container moves to another host. Other static entries stay.
     */
    void leave(Port port, Optional<MacAddress> mac) {
        mac.map(MacAddress::value)
                .filter(own -> fdb.staticPort(port.segment(), own).equals(OptionalInt.of(port.id())))
                .ifPresent(own -> fdb.delete(port.segment(), own));
        fdb.portDown(port.id());
        groups[port.segment()] = Arrays.stream(groups[port.segment()])
                .filter(member -> member != port.id())
                .toArray();
        publishGroups();
    }

    private void publishGroups() {
        bridge.groups(new FloodGroups(groups.clone()));
    }

    /** An equal part of half a VNI's limit for each of its ports and for the tunnels; the other half is for all. */
    private static int shareOfPort(VniConfig vni) {
        return vni.fdbLimit() / 2 / (vni.ports().size() + 1);
    }

    private void reserve(int segment, int port, int places) {
        fdb.reserve(segment, port, places);
        bridge.neighbours().reserve(segment, port, places);
    }

    private void addNeighbours(int segment, VniConfig vni) {
        NeighbourTable neighbours = bridge.neighbours();
        neighbours.configure(
                segment, vni.suppressNeighbours(), vni.fdbLimit(), vni.ageing().toNanos());
        for (NeighbourConfig neighbour : vni.neighbours()) {
            IpAddress address = IpAddress.of(neighbour.address());
            neighbours.add(
                    segment, address.high(), address.low(), neighbour.mac().value(), System.nanoTime());
        }
    }

    private Consumer<MacAddress> addStatic(int segment, int port) {
        return mac -> fdb.add(segment, mac.value(), port, true, System.nanoTime());
    }

    private int tunnelTo(InetAddress remote) throws IOException {
        RemoteVtep entry = vteps.configure(IpAddress.of(remote));
        if (entry == null) {
            throw new IOException("more than " + vteps.capacity() + " remote VTEPs");
        }
        return entry.port();
    }

    /** Holds frames to the MTUs of the segments, of which these are the ports. */
    public void limit(List<Port> ports) {
        limit(PathMtus.of(ports));
    }

    /** Publishes the MTUs of the segments, which have changed. */
    public void publishMtus() {
        vtep.segments(segments.table());
        limit(bridge.mtus());
    }

    private void limit(PathMtus known) {
        PathMtus mtus = known;
        for (int segment = 0; segment < segments.size(); segment++) {
            mtus = mtus.segment(
                    segment,
                    segments.get(segment).mtu(),
                    segments.config(segment).mssClamp());
        }
        bridge.mtus(mtus);
    }

    /** The VTEPs, by tunnel port. */
    public VtepTable vteps() {
        return vteps;
    }

    /** The gateway's own VTEP. */
    public Vtep vtep() {
        return vtep;
    }

    /** The forwarding database. */
    public Fdb fdb() {
        return fdb;
    }

    /** The bridge. */
    public Bridge bridge() {
        return bridge;
    }
}
