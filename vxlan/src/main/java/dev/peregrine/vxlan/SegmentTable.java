package dev.peregrine.vxlan;

import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.offload.TunnelHeaders;
import java.util.Arrays;
import java.util.Collection;

/** The segments that exist, found by VNI and by index without allocation: an immutable snapshot. */
public final class SegmentTable implements TunnelHeaders {
    /** No segments. */
    public static final SegmentTable EMPTY = new SegmentTable(new Segment[0]);

    private static final int NONE = -1;

    /** VNI and segment index in one slot, by open addressing; {@link #NONE} marks a free slot. */
    private final int[] slotVnis;

    private final int[] slotIndices;
    private final int shift;
    private final int[] vnis;
    private final int[] mtus;
    private final boolean[] carriesTags;
    private final int leastMtu;

    private SegmentTable(Segment[] segments) {
        int bits = 32 - Integer.numberOfLeadingZeros(Math.max(1, segments.length)) + 1;
        shift = 32 - bits;
        slotVnis = new int[1 << bits];
        slotIndices = new int[1 << bits];
        Arrays.fill(slotVnis, NONE);
        int length = 0;
        for (Segment segment : segments) {
            length = Math.max(length, segment.index() + 1);
        }
        vnis = new int[length];
        mtus = new int[length];
        carriesTags = new boolean[length];
        Arrays.fill(vnis, NONE);
        for (Segment segment : segments) {
            add(segment);
        }
        leastMtu = Arrays.stream(segments).mapToInt(Segment::mtu).min().orElse(Integer.MAX_VALUE);
    }

    /**
     * A table of the given segments; indices may have gaps.
     *
     * @throws IllegalArgumentException when two segments share a VNI or an index
     */
    public static SegmentTable of(Collection<Segment> segments) {
        return new SegmentTable(segments.toArray(Segment[]::new));
    }

    private void add(Segment segment) {
        int slot = slot(segment.vni());
        if (slotVnis[slot] != NONE) {
            throw new IllegalArgumentException("two segments have VNI " + segment.vni());
        }
        if (vnis[segment.index()] != NONE) {
            throw new IllegalArgumentException("two segments have index " + segment.index());
        }
        slotVnis[slot] = segment.vni();
        slotIndices[slot] = segment.index();
        vnis[segment.index()] = segment.vni();
        mtus[segment.index()] = segment.mtu();
        carriesTags[segment.index()] = segment.carriesTags();
    }

    /** The slot that holds a VNI, or the free slot where it would go. */
    private int slot(int vni) {
        int slot = (vni * Mix.GOLDEN_32) >>> shift;
        while (slotVnis[slot] != vni && slotVnis[slot] != NONE) {
            slot = (slot + 1) & (slotVnis.length - 1);
        }
        return slot;
    }

    /** The index of the segment that a VNI names; -1 when there is none. */
    public int indexOf(int vni) {
        int slot = slot(vni);
        return slotVnis[slot] == NONE ? NONE : slotIndices[slot];
    }

    /** One more than the highest index. */
    int indices() {
        return vnis.length;
    }

    /** Whether there is a segment with an index. */
    public boolean contains(int index) {
        return index >= 0 && index < vnis.length && vnis[index] != NONE;
    }

    /** The VNI of an existing segment. */
    public int vni(int index) {
        return vnis[index];
    }

    /** The MTU of an existing segment, in bytes of inner IP packet. */
    public int mtu(int index) {
        return mtus[index];
    }

    @Override
    public int leastMtu() {
        return leastMtu;
    }

    @Override
    public int mtuOf(long header) {
        int index = indexOf(VxlanHeader.vni(header));
        return index == NONE ? Integer.MAX_VALUE : mtus[index];
    }

    /** Zeros are common in payload: they name VNI 0 only behind the flag that says so. */
    @Override
    public boolean isSameNetwork(long header, long other) {
        int vni = VxlanHeader.vni(other);
        return vni == VxlanHeader.vni(header) && (vni != 0 || isHeader(other));
    }

    /**
     * Reserved bits are set by VTEPs with extensions, and by chance in payload: only with a VNI from here they count.
     */
    @Override
    public boolean isHeader(long bytes) {
        return VxlanHeader.hasVni(bytes)
                && ((bytes & VxlanHeader.RESERVED_MASK) == 0 || indexOf(VxlanHeader.vni(bytes)) != NONE);
    }

    /** Whether the inner frames of an existing segment may have VLAN tags. */
    public boolean carriesTags(int index) {
        return carriesTags[index];
    }
}
