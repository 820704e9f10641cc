package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.SegmentTable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The configured VNIs in the file's order: a segment's index is its place. Their MTUs may change. */
public final class Segments {
    /** The longest inner packet that fits a UDP datagram with its Ethernet and VXLAN headers, over IPv4. */
    private static final int LARGEST_MTU = 65_507 - 8 - 14;

    /** The MTU of a network that nothing is known of. */
    private static final int ETHERNET_MTU = 1500;

    /** The smallest MTU of IPv4 (RFC 791). */
    private static final int SMALLEST_MTU = 68;

    private final List<VniConfig> vnis;
    private volatile List<Segment> segments;

    private Segments(List<VniConfig> vnis, List<Segment> segments) {
        this.vnis = vnis;
        this.segments = segments;
    }

    /**
     * Gives every VNI its MTU, from the underlay's where the file has none.
     *
     * @param carried what the underlay carries to the VTEPs of each VNI, as
     *     {@link dev.peregrine.gateway.underlay.UnderlayMtu} has it
     * @throws BadConfig when an MTU is larger than that
     */
    public static Segments of(ConfigFile file, List<OptionalInt> carried) throws BadConfig {
        int overheadBytes = file.config().underlay().overheadBytes();
        List<VniConfig> vnis = file.config().vnis();
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < vnis.size(); i++) {
            VniConfig vni = vnis.get(i);
            int largest = largestMtu(carried.get(i).orElse(ETHERNET_MTU), overheadBytes);
            int mtu = vni.mtu().orElse(largest);
            if (mtu > largest && carried.get(i).isPresent()) {
                throw new BadConfig(List.of(file.error(
                        vni,
                        "mtu",
                        String.valueOf(mtu),
                        "at most " + largest + ", what an underlay with an MTU of "
                                + carried.get(i).getAsInt() + " carries")));
            }
            segments.add(new Segment(i, vni.vni(), mtu, false));
        }
        return new Segments(vnis, List.copyOf(segments));
    }

    /** The largest MTU of a VNI that an underlay carries. */
    public static int largestMtu(int underlayMtu, int overheadBytes) {
        return Math.max(SMALLEST_MTU, Math.min(underlayMtu - overheadBytes, LARGEST_MTU));
    }

    /** Changes the MTU of a segment; the control thread. */
    public void mtu(int index, int bytes) {
        List<Segment> changed = new ArrayList<>(segments);
        Segment before = changed.get(index);
        changed.set(index, new Segment(index, before.vni(), bytes, before.carriesTags()));
        segments = List.copyOf(changed);
    }

    /** Number of segments. */
    public int size() {
        return segments.size();
    }

    List<Segment> all() {
        return segments;
    }

    /** The segment with an index, from 0. */
    public Segment get(int index) {
        return segments.get(index);
    }

    /** The configuration of the VNI of a segment. */
    public VniConfig config(int index) {
        return vnis.get(index);
    }

    /** The index of a VNI, or empty. */
    public OptionalInt indexOf(int vni) {
        for (Segment segment : segments) {
            if (segment.vni() == vni) {
                return OptionalInt.of(segment.index());
            }
        }
        return OptionalInt.empty();
    }

    SegmentTable table() {
        return SegmentTable.of(segments);
    }

    /** The number of a port in the file's order, or {@link Packet#NO_PORT}. */
    public int portNumber(String name) {
        int number = 0;
        for (VniConfig vni : vnis) {
            for (PortConfig port : vni.ports()) {
                if (port.name().equals(name)) {
                    return number;
                }
                number++;
            }
        }
        return Packet.NO_PORT;
    }
}
