package dev.peregrine.gateway;

import dev.peregrine.dataplane.device.Bridge;
import dev.peregrine.dataplane.device.Fdb;
import dev.peregrine.dataplane.device.NeighbourTable;
import dev.peregrine.dataplane.device.PathMtus;
import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.stage.FloodGroups;
import dev.peregrine.gateway.config.FdbEntryConfig;
import dev.peregrine.gateway.config.GatewayConfig;
import dev.peregrine.gateway.config.MacAddress;
import dev.peregrine.gateway.config.NeighbourConfig;
import dev.peregrine.gateway.config.PortConfig;
import dev.peregrine.gateway.config.VniConfig;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VtepTable;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What packets are looked up in: this VTEP with its segments, the VTEPs there are, the FDB, and the bridge with its
 * neighbours, flood groups and MTUs. Made empty, then filled from the configuration. Belongs to the control thread;
 * workers only read.
 */
final class Tables {
    private final GatewayConfig config;
    private final Segments segments;
    private final VtepTable vteps;
    private final Vtep vtep;
    private final Fdb fdb;
    private final Bridge bridge;

    /** Empty tables; {@code learned} is run by workers when there is something for the bridge to apply. */
    Tables(GatewayConfig config, Segments segments, Runnable learned) {
        this.config = config;
        this.segments = segments;
        vteps = new VtepTable(config.underlay().port(), VtepTable.DEFAULT_CAPACITY);
        vtep = new Vtep(Settings.tunnel(config.underlay()));
        fdb = new Fdb(segments.fdbCapacity());
        int portCount =
                config.vnis().stream().mapToInt(vni -> vni.ports().size()).sum();
        bridge = new Bridge(fdb, portCount, learned);
    }

    /** Fills in what the configuration has: VTEPs, segments, flood groups, static FDB entries. */
    void fill() throws IOException {
        config.underlay()
                .allow()
                .ifPresent(networks -> vteps.allow(
                        AllowList.of(networks.stream().map(Settings::prefix).toList())));
        vtep.segments(segments.table());
        int[][] groups = new int[segments.size()][];
        int nextPort = 0;
        for (int segment = 0; segment < groups.length; segment++) {
            VniConfig vni = segments.config(segment);
            fdb.configure(segment, vni.fdbLimit(), vni.ageing().toNanos());
            bridge.learning(segment, vni.learning());
            addNeighbours(segment, vni);
            List<Integer> members = new ArrayList<>();
            for (PortConfig port : vni.ports()) {
                Settings.mac(port).ifPresent(addStatic(segment, nextPort));
                fdb.limitPort(nextPort, vni.fdbLimitPerPort().orElse(Integer.MAX_VALUE));
                members.add(nextPort++);
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
        bridge.groups(new FloodGroups(groups));
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
    void limit(List<Port> ports) {
        PathMtus mtus = PathMtus.of(ports);
        for (int segment = 0; segment < segments.size(); segment++) {
            mtus = mtus.segment(
                    segment,
                    segments.get(segment).mtu(),
                    segments.config(segment).mssClamp());
        }
        bridge.mtus(mtus);
    }

    VtepTable vteps() {
        return vteps;
    }

    Vtep vtep() {
        return vtep;
    }

    Fdb fdb() {
        return fdb;
    }

    Bridge bridge() {
        return bridge;
    }
}
