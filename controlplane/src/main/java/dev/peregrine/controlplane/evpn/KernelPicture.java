package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.dataplane.linux.netlink.bridge.NeighbourEntry;
import dev.peregrine.vxlan.IpAddress;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Claims, put together from the forwarding and neighbour entries of the shadow devices. Takes the kernel's messages
 * in their order and touches nothing else. One thread at a time.
 */
final class KernelPicture {
    /** Forwarding entries that are kept at most; a VTEP's resolver believes fewer. */
    static final int MAX_STATIONS = 1 << 18;

    /** Is told what changes. */
    interface Output {
        /** A claim is new or has changed. */
        void claim(Claim claim);

        /** A claim has gone because something else took its place. */
        void replaced(Claim.Key key);

        /** A claim has gone, and nothing else took its place. */
        void vanished(Claim.Key key);

        /** An entry of ours, of a station, was removed, or belongs to another VTEP now. */
        void localChanged(int vni, long mac);

        /** An entry cannot be used. */
        void malformed(Claim.@Nullable Key key, String what);
    }

    private final Output output;
    private final Map<Integer, Segment> byVni = new HashMap<>();
    private final Map<Integer, Segment> byInterface = new HashMap<>();
    private final Map<IpAddress, Integer> vteps = new HashMap<>();
    private int stations;

    KernelPicture(Output output) {
        this.output = output;
    }

    /** The entries of these devices count from now on. */
    void add(Shadow shadow) {
        remove(shadow.vni());
        Segment segment = new Segment(shadow, this);
        byVni.put(shadow.vni(), segment);
        byInterface.put(shadow.bridge(), segment);
        byInterface.put(shadow.vxlan(), segment);
        byInterface.put(shadow.port(), segment);
    }

    /** Forgets a VNI; tells nobody. */
    void remove(int vni) {
        Segment segment = byVni.remove(vni);
        if (segment != null) {
            byInterface.values().removeIf(other -> other == segment);
            segment.claims(claim -> release(claim.key().vtep()));
            stations -= segment.size();
        }
    }

    /** Forgets all entries, and keeps the devices; tells nobody. */
    void clear() {
        byVni.values().forEach(Segment::clear);
        vteps.clear();
        stations = 0;
    }

    @Nullable
    Segment segment(int vni) {
        return byVni.get(vni);
    }

    /** The VNI that an interface belongs to; -1 for none. */
    int vniOf(int index) {
        Segment segment = byInterface.get(index);
        return segment == null ? -1 : segment.shadow().vni();
    }

    /** Takes a message. */
    void entry(NeighbourEntry entry) {
        Segment segment = byInterface.get(entry.index());
        if (segment != null) {
            segment.entry(entry);
        }
    }

    /** All claims: a VTEP before what it has. */
    void report(Consumer<Claim> claims) {
        vteps.keySet().forEach(vtep -> claims.accept(new Claim.Vtep(vtep, "", "")));
        byVni.values().forEach(segment -> segment.claims(claims));
    }

    /** How many entries of stations of ours there are. */
    int locals() {
        return byVni.values().stream().mapToInt(Segment::locals).sum();
    }

    Output output() {
        return output;
    }

    /** Whether there is room for one more station. */
    boolean admit() {
        if (stations >= MAX_STATIONS) {
            return false;
        }
        stations++;
        return true;
    }

    void forget() {
        stations--;
    }

    /** Something is claimed for a VTEP. */
    void hold(IpAddress vtep) {
        if (vteps.merge(vtep, 1, Integer::sum) == 1) {
            output.claim(new Claim.Vtep(vtep, "", ""));
        }
    }

    /** As {@link #hold}, backwards; tells nobody, and returns whether nothing is left of the VTEP. */
    boolean release(IpAddress vtep) {
        return vteps.computeIfPresent(vtep, (any, count) -> count == 1 ? null : count - 1) == null;
    }

    static @Nullable IpAddress address(@Nullable InetAddress address) {
        return address == null ? null : IpAddress.of(address);
    }
}
