package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.fdb.FdbReader;
import dev.peregrine.dataplane.device.neighbour.Neighbour;
import dev.peregrine.dataplane.device.neighbour.NeighbourTable;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.report.NeighbourRow;
import dev.peregrine.gateway.control.request.NeighbourAddition;
import dev.peregrine.gateway.control.request.NeighbourFilter;
import dev.peregrine.gateway.control.request.NeighbourKey;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.vxlan.IpAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * Answers the {@code neighbour} commands, on the control thread. A change has taken effect on every worker when its
 * method returns.
 */
public final class NeighbourCommands implements Noun {
    private static final String PORT = "port ";

    private final OverlayGateway gateway;
    private final FdbOwners owners;

    NeighbourCommands(OverlayGateway gateway) {
        this.gateway = gateway;
        owners = new FdbOwners(gateway.segments(), gateway.localPorts());
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(
                Command.of("neighbour list", NeighbourFilter.class, this::list),
                Command.change("neighbour add", NeighbourAddition.class, addition -> add(addition, false)),
                Command.change("neighbour replace", NeighbourAddition.class, addition -> add(addition, true)),
                Command.change("neighbour del", NeighbourKey.class, this::delete));
    }

    private NeighbourTable table() {
        return gateway.bridge().neighbours();
    }

    /** The neighbours that a filter lets pass, by VNI and address. */
    private List<NeighbourRow> list(NeighbourFilter filter) throws CommandRefused {
        int only = filter.vni() == null ? Fdb.ANY : segment(filter.vni());
        FdbReader fdb = gateway.fdb().reader();
        EntryOrigin origins = new EntryOrigin(gateway, owners);
        long nowNanos = System.nanoTime();
        record Entry(IpAddress address, NeighbourRow row) {}
        List<Entry> entries = new ArrayList<>();
        table().forEach((segment, high, low, mac, origin, isDoubted, seen) -> {
            if (only != Fdb.ANY && only != segment) {
                return;
            }
            fdb.forget();
            int port = fdb.find(segment, mac) ? fdb.port() : Packet.NO_PORT;
            IpAddress address = new IpAddress(high, low);
            long age = origin != Neighbour.Origin.LEARNED ? 0 : Math.max(0, nowNanos - seen);
            NeighbourRow row = new NeighbourRow(
                    AddressText.of(address.toInetAddress()),
                    gateway.segments().get(segment).vni(),
                    new MacAddress(mac).toString(),
                    port < 0 || Ports.isTunnel(port)
                            ? null
                            : gateway.names().port(port).substring(PORT.length()),
                    Ports.isTunnel(port) ? gateway.names().vtep(port) : null,
                    state(origin, isDoubted, age),
                    TimeUnit.NANOSECONDS.toSeconds(age),
                    word(origins, segment, address, mac, origin),
                    origin == Neighbour.Origin.CONTROL ? origins.plane(segment, mac) : null);
            entries.add(new Entry(address, row));
        });
        entries.sort(Comparator.comparingInt((Entry entry) -> entry.row.vni()).thenComparing(Entry::address));
        return entries.stream().map(Entry::row).toList();
    }

    private String word(EntryOrigin origins, int segment, IpAddress address, long mac, Neighbour.Origin origin) {
        return switch (origin) {
            case LEARNED -> "learned";
            case CONTROL -> origins.ofPlane(segment, mac);
            case CONFIG -> isOfFile(segment, address.toInetAddress()) ? "file" : "command";
        };
    }

    private static String state(Neighbour.Origin origin, boolean isDoubted, long ageNanos) {
        if (origin != Neighbour.Origin.LEARNED) {
            return "static";
        }
        return isDoubted ? "doubted" : NeighbourTable.isConfirmed(ageNanos) ? "reachable" : "stale";
    }

    /**
     * Makes a static entry, in place of a learned one; in place of a static one of a command only if told to replace
     * it.
     */
    private void add(NeighbourAddition addition, boolean replaces) throws CommandRefused {
        int segment = segment(addition.vni());
        if (!gateway.segments().config(segment).suppressNeighbours()) {
            throw new CommandRefused("VNI " + addition.vni()
                    + " does not answer for neighbours: set suppressNeighbours: true in the configuration file");
        }
        requireNotOfFile(segment, addition.key());
        IpAddress address = IpAddress.of(addition.address());
        if (!replaces && table().isStatic(segment, address.high(), address.low())) {
            throw new CommandRefused(address + " in VNI " + addition.vni()
                    + " has a static entry already: neighbour replace puts another in its place");
        }
        table().add(segment, address.high(), address.low(), addition.mac().value(), System.nanoTime());
        gateway.awaitWorkers();
    }

    private void requireNotOfFile(int segment, NeighbourKey key) throws CommandRefused {
        if (isOfFile(segment, key.address())) {
            throw new CommandRefused("the entry of " + AddressText.of(key.address()) + " in VNI " + key.vni()
                    + " is of the configuration file (neighbours): change it there");
        }
    }

    private boolean isOfFile(int segment, InetAddress address) {
        return gateway.segments().config(segment).neighbours().stream()
                .anyMatch(entry -> entry.address().equals(address));
    }

    private void delete(NeighbourKey key) throws CommandRefused {
        int segment = segment(key.vni());
        requireNotOfFile(segment, key);
        IpAddress address = IpAddress.of(key.address());
        if (table().isGiven(segment, address.high(), address.low())) {
            throw new CommandRefused("the entry of " + address + " in VNI " + key.vni()
                    + " is of a control plane: end the claim there, or put a static entry in its place");
        }
        if (!table().delete(segment, address.high(), address.low())) {
            throw new CommandRefused("there is no entry for " + address + " in VNI " + key.vni());
        }
        gateway.awaitWorkers();
    }

    private int segment(Vni vni) throws CommandRefused {
        OptionalInt index = gateway.segments().indexOf(vni.number());
        if (index.isEmpty()) {
            throw new CommandRefused("VNI " + vni + " is not configured here");
        }
        return index.getAsInt();
    }
}
