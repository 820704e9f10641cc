package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.fdb.FdbReader;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.report.FdbRow;
import dev.peregrine.gateway.control.report.Removed;
import dev.peregrine.gateway.control.request.FdbAddition;
import dev.peregrine.gateway.control.request.FdbFilter;
import dev.peregrine.gateway.control.request.FdbFlush;
import dev.peregrine.gateway.control.request.FdbKey;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Answers the {@code fdb} commands, on the control thread. A change has taken effect on every worker when its method
 * returns.
 */
public final class FdbCommands implements Noun {
    private final OverlayGateway gateway;

    private final FdbOwners owners;

    /** VTEPs that are accepted because of static entries that were added, for as long as there are any. */
    private final Set<RemoteVtep> opened = new HashSet<>();

    FdbCommands(OverlayGateway gateway) {
        this.gateway = gateway;
        owners = new FdbOwners(gateway.segments(), gateway.localPorts());
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(
                Command.of("fdb list", FdbFilter.class, this::list),
                Command.change("fdb add", FdbAddition.class, addition -> add(addition, false)),
                Command.change("fdb replace", FdbAddition.class, addition -> add(addition, true)),
                Command.change("fdb del", FdbKey.class, this::delete),
                Command.of("fdb flush", FdbFlush.class, this::flush));
    }

    /** The entries that a filter lets pass, by VNI and MAC. */
    private List<FdbRow> list(FdbFilter filter) throws CommandRefused {
        int only = filter.vni() == null ? Fdb.ANY : segment(filter.vni());
        List<FdbRow> rows = new ArrayList<>();
        EntryOrigin origin = new EntryOrigin(gateway, owners);
        long now = System.nanoTime();
        gateway.fdb().forEach((segment, mac, port, kind, seen) -> {
            boolean isStatic = kind == Fdb.Kind.STATIC || kind.isControl();
            if (only == Fdb.ANY || only == segment) {
                rows.add(new FdbRow(
                        new MacAddress(mac).toString(),
                        gateway.segments().get(segment).vni(),
                        Ports.isTunnel(port) ? null : gateway.localPorts().name(port),
                        Ports.isTunnel(port) ? gateway.names().vtep(port) : null,
                        isStatic ? "static" : "dynamic",
                        isStatic ? 0 : Math.max(0, TimeUnit.NANOSECONDS.toSeconds(now - seen)),
                        kind == Fdb.Kind.STICKY || kind == Fdb.Kind.CONTROL_STICKY,
                        origin.word(segment, mac, port, kind),
                        kind.isControl() ? origin.plane(segment, mac) : null,
                        kind.isControl() ? origin.sequence(segment, mac) : null));
            }
        });
        rows.sort(Comparator.comparingInt(FdbRow::vni).thenComparing(FdbRow::mac));
        return rows;
    }

    /**
     * Makes an entry, in place of a dynamic one for the MAC; in place of a static one that a command has made, only if
     * told to replace it. A static one behind a VTEP that nothing else names has datagrams accepted from there, if
     * {@code underlay.allow} names nobody, as long as the entry stays.
     */
    private void add(FdbAddition addition, boolean replaces) throws CommandRefused {
        int segment = segment(addition.vni());
        requireReplaceable(segment, addition.key(), replaces);
        if (!addition.isStatic()) {
            requireNotOfPlane(segment, addition.key());
        }
        int port = addition.vtep() == null
                ? port(Objects.requireNonNull(addition.port()), segment)
                : tunnelPortFor(addition.vtep(), addition.isStatic());
        long mac = addition.mac().value();
        Fdb.Kind kind =
                addition.isStatic() ? Fdb.Kind.STATIC : addition.isSticky() ? Fdb.Kind.STICKY : Fdb.Kind.DYNAMIC;
        if (!gateway.fdb().add(segment, mac, port, kind, System.nanoTime())) {
            throw new CommandRefused(
                    "the FDB is full: " + gateway.fdb().limits().capacity() + " entries");
        }
        closeUnused();
        gateway.awaitWorkers();
    }

    /**
     * A static entry is there for a reason, so it makes room only when it is told to, and not at all if it has an
     * owner.
     */
    private void requireReplaceable(int segment, FdbKey key, boolean replaces) throws CommandRefused {
        LocalPort owner = gateway.localPorts().owner(segment, key.mac());
        if (owner != null) {
            requireNoOwner(segment, key, owner.port().id());
        }
        OptionalInt port = gateway.fdb().staticPort(segment, key.mac().value());
        if (port.isEmpty()) {
            return;
        }
        requireNoOwner(segment, key, port.getAsInt());
        if (!replaces) {
            String where = Ports.isTunnel(port.getAsInt())
                    ? "vtep " + gateway.names().vtep(port.getAsInt())
                    : gateway.names().port(port.getAsInt());
            throw new CommandRefused(key.mac() + " in VNI " + key.vni() + " has a static entry already, behind " + where
                    + ": fdb replace puts another in its place");
        }
    }

    private void requireNotOfPlane(int segment, FdbKey key) throws CommandRefused {
        FdbReader fdb = gateway.fdb().reader();
        if (fdb.find(segment, key.mac().value()) && fdb.isControl()) {
            String plane =
                    new EntryOrigin(gateway, owners).plane(segment, key.mac().value());
            throw new CommandRefused("the entry of " + key.mac() + " in VNI " + key.vni() + " is of control plane "
                    + plane + ": end the claim there, or put a static entry in its place (fdb add … static)");
        }
    }

    private void requireNoOwner(int segment, FdbKey key, int port) throws CommandRefused {
        String owner = owners.of(segment, key.mac(), port);
        if (owner != null) {
            throw new CommandRefused("the entry of " + key.mac() + " in VNI " + key.vni() + " is of " + owner);
        }
    }

    private int tunnelPortFor(InetAddress address, boolean isStatic) throws CommandRefused {
        InetAddress local = gateway.config().underlay().local();
        if (address.equals(local) || address.getClass() != local.getClass()) {
            throw new CommandRefused(AddressText.of(address) + " cannot be a remote VTEP of " + AddressText.of(local));
        }
        RemoteVtep vtep = gateway.vteps().know(IpAddress.of(address));
        if (vtep == null) {
            throw new CommandRefused(
                    "the table of VTEPs is full: " + gateway.vteps().capacity());
        }
        if (isStatic && (!vtep.isConfigured() || gateway.claimedVteps().contains(vtep.address()))) {
            gateway.vteps().configure(vtep.address());
            opened.add(vtep);
        }
        return vtep.port();
    }

    /** Accepts nothing more from VTEPs whose last static entry is gone. */
    private void closeUnused() {
        if (opened.isEmpty()) {
            return;
        }
        Set<Integer> used = new HashSet<>();
        gateway.fdb().forEach((segment, mac, port, kind, seen) -> {
            if (kind == Fdb.Kind.STATIC) {
                used.add(port);
            }
        });
        Set<IpAddress> configured = new HashSet<>();
        gateway.config().configuredVteps().forEach(vtep -> configured.add(IpAddress.of(vtep)));
        opened.removeIf(vtep -> configured.contains(vtep.address())); // it was named since
        for (RemoteVtep vtep : List.copyOf(opened)) {
            if (!used.contains(vtep.port())) {
                if (!gateway.claimedVteps().contains(vtep.address())) {
                    gateway.vteps().unconfigure(vtep);
                }
                opened.remove(vtep);
            }
        }
    }

    /** Removes the one entry of a MAC, unless it is of the configuration file or of a port. */
    private void delete(FdbKey key) throws CommandRefused {
        int segment = segment(key.vni());
        requireNotOfPlane(segment, key);
        OptionalInt port = gateway.fdb().staticPort(segment, key.mac().value());
        if (port.isPresent()) {
            requireNoOwner(segment, key, port.getAsInt());
        }
        if (!gateway.fdb().delete(segment, key.mac().value())) {
            throw new CommandRefused("there is no entry for " + key.mac() + " in VNI " + key.vni());
        }
        takeBackOwn();
        closeUnused();
        gateway.awaitWorkers();
    }

    /** Removes the entries that fit. */
    private Removed flush(FdbFlush flush) throws CommandRefused {
        int onlySegment = flush.vni() == null ? Fdb.ANY : segment(flush.vni());
        int onlyPort = Fdb.ANY;
        if (flush.port() != null && flush.vtep() != null) {
            return new Removed(0); // no entry is behind both
        } else if (flush.port() != null) {
            onlyPort = port(flush.port());
        } else if (flush.vtep() != null) {
            onlyPort = tunnelPort(flush.vtep());
        }
        int ofPort = onlyPort;
        int removed = gateway.fdb()
                .removeIf((segment, mac, port, kind, seen) -> (onlySegment == Fdb.ANY || onlySegment == segment)
                        && (ofPort == Fdb.ANY || ofPort == port)
                        && !kind.isControl()
                        && (kind == Fdb.Kind.STATIC
                                ? flush.statics() && owners.of(segment, new MacAddress(mac), port) == null
                                : flush.dynamics()));
        takeBackOwn();
        closeUnused();
        gateway.awaitWorkers();
        return new Removed(removed);
    }

    /** A port's own MAC leads to it again, where a static entry was in the way and has gone. */
    private void takeBackOwn() {
        for (LocalPort port : gateway.ports()) {
            port.config()
                    .ownMac()
                    .filter(port::owns)
                    .filter(own -> gateway.fdb()
                            .staticPort(port.port().segment(), own.value())
                            .isEmpty())
                    .ifPresent(port::takeBack);
        }
    }

    private int segment(Vni vni) throws CommandRefused {
        OptionalInt index = gateway.segments().indexOf(vni.number());
        if (index.isEmpty()) {
            throw new CommandRefused("VNI " + vni + " is not configured here");
        }
        return index.getAsInt();
    }

    private int port(String name) throws CommandRefused {
        return localPort(name).port().id();
    }

    private LocalPort localPort(String name) throws CommandRefused {
        LocalPort port = gateway.localPorts().named(name);
        if (port == null) {
            throw new CommandRefused("there is no port " + name);
        }
        return port;
    }

    private int port(String name, int segment) throws CommandRefused {
        LocalPort port = localPort(name);
        if (port.port().segment() != segment) {
            throw new CommandRefused("port " + name + " is not in VNI "
                    + gateway.segments().get(segment).vni());
        }
        return port.port().id();
    }

    private int tunnelPort(InetAddress address) throws CommandRefused {
        RemoteVtep vtep = gateway.vteps()
                .find(IpAddress.of(address).high(), IpAddress.of(address).low());
        if (vtep == null) {
            throw new CommandRefused("there is no remote VTEP " + AddressText.of(address));
        }
        return vtep.port();
    }
}
