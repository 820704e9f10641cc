package dev.peregrine.gateway.controlplane;

import dev.peregrine.controlplane.resolve.Local;
import dev.peregrine.controlplane.resolve.Resolver;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.fdb.FdbListeners;
import dev.peregrine.dataplane.device.fdb.FdbTable;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.LocalPorts;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells the resolver which MACs are this gateway's own business, by the FDB entries that no plane gave: those of ports,
 * of the operator, and those that were learned at local ports. On the control thread.
 */
final class LocalStations implements FdbListeners.EntryListener {
    private final Segments segments;
    private final LocalPorts ports;
    private final Resolver resolver;
    private final Runnable news;

    /** By segment with planes: whether all that is learned at ports is told, or only what planes claim, too. */
    private final Int2ObjectHashMap<Boolean> listening = new Int2ObjectHashMap<>();

    /** By {@link FdbTable#key}. */
    private final Long2ObjectHashMap<Local> told = new Long2ObjectHashMap<>();

    /** Runs {@code news} after the resolver was told something. */
    LocalStations(Segments segments, LocalPorts ports, Resolver resolver, Runnable news) {
        this.segments = segments;
        this.ports = ports;
        this.resolver = resolver;
        this.news = news;
    }

    /** Tells of a segment from now on, and of the entries that it has. */
    void listen(int segment, boolean tellsLearned, Fdb fdb) {
        listening.put(segment, Boolean.valueOf(tellsLearned));
        record Entry(long mac, int port, Fdb.Kind kind) {}
        List<Entry> entries = new ArrayList<>();
        fdb.forEach((its, mac, port, kind, seen) -> {
            if (its == segment && !kind.isControl()) {
                entries.add(new Entry(mac, port, kind));
            }
        });
        entries.forEach(entry -> made(segment, entry.mac, entry.port, entry.kind));
    }

    /** Tells nothing more of a segment, which the resolver forgets. */
    void leave(int segment) {
        listening.remove(segment);
        told.keySet().removeIf(key -> FdbTable.segment(key) == segment);
    }

    @Override
    public void made(int segment, long mac, int port, Fdb.Kind kind) {
        Boolean tellsLearned = listening.get(segment);
        if (tellsLearned == null) {
            return;
        }
        if (kind != Fdb.Kind.DYNAMIC) {
            LocalPort owner = owner(mac, port);
            if (owner == null) {
                tell(segment, mac, Local.STATIC, List.of());
            } else {
                tell(segment, mac, Local.PORT, addresses(owner));
            }
        } else if (Ports.isTunnel(port)) {
            gone(segment, mac);
        } else if (tellsLearned
                || told.containsKey(FdbTable.key(segment, mac))
                || resolver.isClaimed(segments.get(segment).vni(), mac)) {
            tell(segment, mac, Local.LEARNED, List.of());
        }
    }

    private @Nullable LocalPort owner(long mac, int port) {
        LocalPort local = Ports.isTunnel(port) ? null : ports.byNumber(port);
        return local != null && local.config().ownMac().equals(Optional.of(new MacAddress(mac))) ? local : null;
    }

    private static List<IpAddress> addresses(LocalPort port) {
        return port.config().ownAddresses().stream().map(IpAddress::of).toList();
    }

    private void tell(int segment, long mac, Local why, List<IpAddress> addresses) {
        told.put(FdbTable.key(segment, mac), why);
        resolver.time(System.nanoTime());
        resolver.localAppeared(segments.get(segment).vni(), mac, why, addresses);
        news.run();
    }

    @Override
    public void gone(int segment, long mac) {
        Local why = told.remove(FdbTable.key(segment, mac));
        if (why != null) {
            resolver.time(System.nanoTime());
            resolver.localGone(segments.get(segment).vni(), mac, why);
            news.run();
        }
    }

    /** A plane's entry took the place of a learned one, as the resolver decided. */
    void overtaken(int segment, long mac) {
        told.remove(FdbTable.key(segment, mac));
    }
}
