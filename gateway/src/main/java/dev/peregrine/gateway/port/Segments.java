package dev.peregrine.gateway.port;

import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.SegmentTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The segments, one for each VNI that is configured now, with indices that workers know them by. The control thread
 * writes; any thread may read.
 */
public final class Segments {
    /** The longest inner packet that fits a UDP datagram with its Ethernet and VXLAN headers, over IPv4. */
    private static final int LARGEST_MTU = 65_507 - 8 - 14;

    /** The MTU of a network that nothing is known of. */
    private static final int ETHERNET_MTU = 1500;

    /** The smallest MTU of IPv4 (RFC 791). */
    private static final int SMALLEST_MTU = 68;

    private final Slots slots;

    /** By index, those included that have gone and whose index nobody has taken since: a late message may name one. */
    private final @Nullable Segment[] byIndex;

    private final @Nullable VniConfig[] configs;
    private volatile List<Segment> all = List.of();

    /** No segments; {@code bound} limits how many there can be at a time. */
    public Segments(int bound) {
        slots = new Slots(bound);
        byIndex = new Segment[bound];
        configs = new VniConfig[bound];
    }

    /**
     * The MTU of every VNI of a file, by VNI: from the underlay's where the file has none.
     *
     * @param carried what the underlay carries to the VTEPs of each VNI, as
     *     {@link dev.peregrine.gateway.underlay.UnderlayMtu} has it
     * @throws BadConfig when an MTU is larger than that
     */
    public static Map<Integer, Integer> mtus(ConfigFile file, Map<Integer, OptionalInt> carried) throws BadConfig {
        int overheadBytes = file.config().underlay().overheadBytes();
        Map<Integer, Integer> mtus = new HashMap<>();
        for (VniConfig vni : file.config().vnis()) {
            OptionalInt its = Optional.ofNullable(carried.get(vni.vni())).orElse(OptionalInt.empty());
            int largest = largestMtu(its.orElse(ETHERNET_MTU), overheadBytes);
            int mtu = vni.mtu().orElse(largest);
            if (mtu > largest && its.isPresent()) {
                throw new BadConfig(List.of(file.error(
                        vni,
                        "mtu",
                        String.valueOf(mtu),
                        "at most " + largest + ", what an underlay with an MTU of " + its.getAsInt() + " carries")));
            }
            mtus.put(vni.vni(), mtu);
        }
        return mtus;
    }

    /** The largest MTU of a VNI that an underlay carries. */
    public static int largestMtu(int underlayMtu, int overheadBytes) {
        return Math.max(SMALLEST_MTU, Math.min(underlayMtu - overheadBytes, LARGEST_MTU));
    }

    /** Adds the segment of a VNI. */
    public Segment add(VniConfig vni, int mtu) {
        int index = slots.take();
        configs[index] = vni;
        return put(new Segment(index, vni.vni(), mtu, false));
    }

    private Segment put(Segment segment) {
        byIndex[segment.index()] = segment;
        List<Segment> changed = new ArrayList<>(all);
        changed.removeIf(other -> other.index() == segment.index());
        changed.add(segment);
        all = List.copyOf(changed);
        return segment;
    }

    /** Removes a segment; its index stays taken until {@link #free}. */
    void remove(int index) {
        List<Segment> changed = new ArrayList<>(all);
        changed.removeIf(other -> other.index() == index);
        all = List.copyOf(changed);
    }

    /** Lets another segment have an index. */
    void free(int index) {
        slots.free(index);
    }

    /** Changes the MTU of a segment. */
    public void mtu(int index, int bytes) {
        List<Segment> changed = new ArrayList<>(all);
        Segment before = get(index);
        Segment after = new Segment(index, before.vni(), bytes, before.carriesTags());
        byIndex[index] = after;
        changed.replaceAll(other -> other.index() == index ? after : other);
        all = List.copyOf(changed);
    }

    /** Notes another configuration of a segment's VNI. */
    public void config(int index, VniConfig vni) {
        configs[index] = vni;
    }

    /** Number of segments. */
    public int size() {
        return all.size();
    }

    /** The bound of indices. */
    public int bound() {
        return slots.bound();
    }

    /** The segments in the order in which their VNIs came. */
    public List<Segment> all() {
        return all;
    }

    /** The segment with an index. */
    public Segment get(int index) {
        return Objects.requireNonNull(byIndex[index]);
    }

    /** The configuration of the VNI of a segment. */
    public VniConfig config(int index) {
        return Objects.requireNonNull(configs[index]);
    }

    /** The index of a VNI, or empty. */
    public OptionalInt indexOf(int vni) {
        for (Segment segment : all) {
            if (segment.vni() == vni) {
                return OptionalInt.of(segment.index());
            }
        }
        return OptionalInt.empty();
    }

    SegmentTable table() {
        return SegmentTable.of(all);
    }
}
