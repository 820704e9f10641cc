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
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.NeighbourConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VtepTable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables in which packets are looked up: this VTEP with its segments, the VTEPs there are, the FDB, and the bridge
 * with its neighbours, flood groups and MTUs. Made empty, then filled and changed as the configuration says. Belongs to
 * the control thread; workers only read.
 *
 * <p>Workers take the tables that a method publishes before their next batch. A caller that frees a number or closes a
 * device waits for that first.
 */
public final class Tables {
    private static final Logger log = LoggerFactory.getLogger(Tables.class);

    private final Segments segments;
    private final VtepTable vteps;
    private final Vtep vtep;
    private final Fdb fdb;
    private final Bridge bridge;
    private final int[][] groups;

    /** By segment: tunnel ports that get floods because of control planes, in ascending order. */
    private final int[][] claimedFloods;

    /** By segment: who gets floods, of both. A segment may have a thousand, and most do not change with one of them. */
    private final int[][] floods;

    private final ClaimedVteps claimedVteps = new ClaimedVteps();
    private boolean isFloodOutOfDate;

    /** Places of the FDB, beside the others, for entries that control planes give. */
    private int claimedPlaces;

    /** Empty tables; {@code learned} is run by workers when there is something for the bridge to apply. */
    public Tables(GatewayConfig config, Segments segments, Budget budget, Runnable learned) {
        this.segments = segments;
        int configured = config.configuredVteps().size();
        vteps = new VtepTable(config.underlay().port(), Math.max(VtepTable.DEFAULT_CAPACITY, 2 * configured));
        vtep = new Vtep(config.underlay().tunnel());
        fdb = new Fdb(budget.fdbCapacity(Room.left()));
        bridge = new Bridge(fdb, budget.portPlaces(), segments.bound(), learned);
        groups = new int[segments.bound()][0];
        claimedFloods = new int[segments.bound()][0];
        floods = new int[segments.bound()][0];
    }

    // ---- segments ---------------------------------------------------------------------------------------------

    /** Takes in a VNI, without what its lists have; returns its index. No datagram of it is accepted yet. */
    public int prepareSegment(VniConfig vni, int mtu) {
        Segment segment = segments.add(vni, mtu);
        settings(segment.index(), vni);
        publishGroup(segment.index(), new int[0]);
        return segment.index();
    }

    /** Has datagrams of a prepared segment accepted. */
    public void openSegment(int segment) {
        assert !vtep.segments().contains(segment) : "open already";
        vtep.segments(segments.table());
    }

    /** Follows other settings of a VNI. */
    public void set(int segment, VniConfig vni) {
        segments.config(segment, vni);
        settings(segment, vni);
    }

    private void settings(int segment, VniConfig vni) {
        fdb.configure(segment, vni.fdbLimit(), vni.ageing().toNanos());
        neighbours(segment, vni);
        bridge.learning(segment, vni.learns());
        bridge.dropUnknown(segment, vni.unknownUnicast() == VniConfig.UnknownUnicast.DROP);
        bridge.forwardGroups(segment, vni.groupForwardMask());
        int mtu = segments.get(segment).mtu();
        bridge.mtus(bridge.mtus().segment(segment, mtu, vni.mssClamp()));
    }

    /** Follows the settings of a VNI that are about neighbours. */
    public void neighbours(int segment, VniConfig vni) {
        bridge.neighbours()
                .configure(
                        segment,
                        vni.suppressNeighbours(),
                        vni.fdbLimit(),
                        vni.ageing().toNanos());
    }

    /** Has datagrams of a VNI refused, whose ports have gone. */
    public void closeSegment(int segment) {
        segments.remove(segment);
        bridge.learning(segment, false);
        claimedFloods[segment] = new int[0];
        vtep.segments(segments.table());
        publishGroup(segment, new int[0]);
    }

    /** Forgets a closed segment that no packet is in any more. */
    public void forgetSegment(int segment) {
        fdb.forgetSegment(segment);
        bridge.neighbours().forgetSegment(segment);
        bridge.forwardGroups(segment, 0);
        bridge.dropUnknown(segment, false);
        bridge.mtus(bridge.mtus().segment(segment, 0, false));
        segments.free(segment);
    }

    /**
     * Divides the places of the FDB and of the neighbours among the VNIs, and of each among its ports.
     *
     * @param fdbCapacity of all together
     * @param share of each VNI
     */
    public void divide(int fdbCapacity, int share, List<LocalPort> ports) {
        NeighbourTable neighbours = bridge.neighbours();
        fdb.limits().capacity(Math.min(fdbCapacity + claimedPlaces, Fdb.MAX_CAPACITY));
        neighbours.capacity(fdbCapacity);
        for (Segment segment : segments.all()) {
            int index = segment.index();
            int own = Math.min(segments.config(index).fdbLimit(), share);
            fdb.limits().reserve(index, own);
            neighbours.reserve(index, own);
            reserve(index, Ports.FIRST_TUNNEL, shareOfPort(segments.config(index)));
        }
        for (LocalPort port : ports) {
            VniConfig vni = segments.config(port.port().segment());
            fdb.limits().port(port.port().id(), vni.fdbLimitPerPort().orElse(Integer.MAX_VALUE));
            reserve(port.port().segment(), port.port().id(), shareOfPort(vni));
        }
    }

    /** An equal part of half a VNI's limit for each of its ports and for the tunnels; the other half is for all. */
    private static int shareOfPort(VniConfig vni) {
        return vni.fdbLimit() / 2 / (vni.ports().size() + 1);
    }

    private void reserve(int segment, int port, int places) {
        fdb.limits().reserve(segment, port, places);
        bridge.neighbours().reserve(segment, port, places);
    }

    // ---- ports ------------------------------------------------------------------------------------------------

    /** Follows other local ports, in the order of their numbers: how long frames to them may be. */
    public void ports(List<Port> all) {
        bridge.mtus(bridge.mtus().ports(all));
    }

    /**
     * Takes a port in that came up: it receives floods, MACs are learned behind it, and its own MAC leads to it, unless
     * somebody has set a static entry for that MAC elsewhere.
     */
    void enter(Port port, Optional<MacAddress> mac) {
        fdb.portUp(port.id());
        mac.ifPresent(own -> addOwn(port, own));
        int[] before = groups[port.segment()];
        publishGroup(
                port.segment(),
                IntStream.concat(IntStream.of(port.id()), Arrays.stream(before)).toArray());
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
        leaveFlood(port.segment(), port.id());
    }

    /** Has no frame sent to a port any more that is to go: not by static entries, either. */
    void closePort(Port port) {
        leaveFlood(port.segment(), port.id());
        fdb.portDown(port.id());
        fdb.flush(Fdb.ANY, port.id(), true);
    }

    /** Forgets a closed port that no packet comes from or goes to any more. */
    public void forgetPort(Port port) {
        bridge.neighbours().forgetPort(port.id());
        reserve(port.segment(), port.id(), 0);
        fdb.forgetPort(port.id());
    }

    // ---- floods and entries -----------------------------------------------------------------------------------

    /** Has a segment's floods sent by a tunnel port, too. */
    public void joinFlood(int segment, int tunnelPort) {
        publishGroup(
                segment,
                IntStream.concat(Arrays.stream(groups[segment]), IntStream.of(tunnelPort))
                        .toArray());
    }

    /** Has a segment's floods sent by a port no longer. */
    public void leaveFlood(int segment, int port) {
        publishGroup(
                segment,
                Arrays.stream(groups[segment]).filter(member -> member != port).toArray());
    }

    /** Sets the places of the FDB that are there beside the configuration's for entries that control planes give. */
    public void claimedPlaces(int places) {
        int others = fdb.limits().capacity() - claimedPlaces;
        claimedPlaces = places;
        fdb.limits().capacity(Math.min(others + places, Fdb.MAX_CAPACITY));
    }

    /**
     * Sets the tunnel ports that get a segment's floods because of control planes, until they are published together.
     */
    public void claimedFlood(int segment, int[] tunnelPorts) {
        claimedFloods[segment] = tunnelPorts;
        flood(segment);
        isFloodOutOfDate = true;
    }

    /** Has floods sent to those who are to have them because of control planes. */
    public void publishClaimedFloods() {
        if (isFloodOutOfDate) {
            publishGroups();
        }
    }

    private void publishGroup(int segment, int[] ports) {
        groups[segment] = ports;
        flood(segment);
        publishGroups();
    }

    private void flood(int segment) {
        floods[segment] = claimedFloods[segment].length == 0
                ? groups[segment]
                : IntStream.concat(Arrays.stream(groups[segment]), Arrays.stream(claimedFloods[segment]))
                        .distinct()
                        .toArray();
    }

    private void publishGroups() {
        bridge.groups(new FloodGroups(floods.clone()));
        isFloodOutOfDate = false;
    }

    /** Adds a neighbour of a segment, in the place of any other with its address. */
    public void set(int segment, NeighbourConfig neighbour) {
        IpAddress address = IpAddress.of(neighbour.address());
        bridge.neighbours()
                .add(segment, address.high(), address.low(), neighbour.mac().value(), System.nanoTime());
    }

    /** Removes a neighbour of a segment. */
    public void remove(int segment, NeighbourConfig neighbour) {
        IpAddress address = IpAddress.of(neighbour.address());
        bridge.neighbours().delete(segment, address.high(), address.low());
    }

    // ---- MTUs -------------------------------------------------------------------------------------------------

    /** Publishes the MTUs of the segments, which have changed. */
    public void publishMtus() {
        vtep.segments(segments.table());
        PathMtus mtus = bridge.mtus();
        for (Segment segment : segments.all()) {
            boolean clamps = segments.config(segment.index()).mssClamp();
            mtus = mtus.segment(segment.index(), segment.mtu(), clamps);
        }
        bridge.mtus(mtus);
    }

    // ---- the tables -------------------------------------------------------------------------------------------

    /** The VTEPs, by tunnel port. */
    public VtepTable vteps() {
        return vteps;
    }

    /** Those of them that control planes name. */
    public ClaimedVteps claimedVteps() {
        return claimedVteps;
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
