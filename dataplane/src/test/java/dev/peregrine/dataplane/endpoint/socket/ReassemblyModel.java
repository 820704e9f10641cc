package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Any fragments of some senders, against a plain list of them. Six bytes are a fragment: sender and identification, the
 * value of its bytes, offset in units of 8 (two bytes), length and whether others follow (two bytes).
 */
public final class ReassemblyModel {
    private static final int STEP = 6;
    private static final int MAX_FRAGMENTS = 512;
    private static final long TIMEOUT = 100;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment data = arena.allocate(PartialDatagram.CAPACITY);

    /** Puts the fragments together; each datagram that becomes complete must be what the fragments say. */
    public void run(byte[] story) {
        DropCounters drops = new DropCounters();
        try (Reassembly reassembly = new Reassembly(TIMEOUT, drops)) {
            Model model = new Model();
            ByteBuffer steps = ByteBuffer.wrap(story);
            for (int i = 0; i < MAX_FRAGMENTS && steps.remaining() >= STEP; i++) {
                step(reassembly, model, steps, i);
            }
        }
    }

    private void step(Reassembly reassembly, Model model, ByteBuffer steps, int now) {
        int key = steps.get() & 0x7f;
        int fill = steps.get();
        int offset = (steps.getShort() & 0x1fff) << 3;
        int bits = steps.getShort();
        boolean more = (bits & 1) != 0;
        int length = Math.max(1, Math.min((bits >> 1 & 0x7fff), PartialDatagram.CAPACITY - offset));
        length = more ? Math.max(8, length & -8) : length;
        reassembly.advance(now);
        data.asSlice(0, length).fill((byte) fill);
        PartialDatagram datagram = reassembly.of(0, key >> 2, key & 3, now);
        if (datagram.fragments() == 0 && !datagram.isSpoiled()) {
            model.begin(key);
        }
        @Nullable DropReason reason = datagram.add(data, 0, offset, length, more);
        @Nullable DropReason expected = model.add(key, new Fragment(offset, length, more, (byte) fill));
        check(reason == expected, "fragment " + now + ": " + reason + " and not " + expected);
        boolean complete = datagram.isComplete();
        check(complete == model.isComplete(key), "fragment " + now + ": complete is " + complete);
        if (complete) {
            model.check(key, datagram.memory().asSlice(datagram.position(), datagram.length()));
            reassembly.end(datagram);
        }
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }

    private record Fragment(int offset, int length, boolean more, byte fill) {
        int end() {
            return offset + length;
        }

        boolean overlaps(Fragment other) {
            return offset < (other.end() + 7 & -8) && other.offset < (end() + 7 & -8);
        }
    }

    /** The fragments of each key since the last time that it began. */
    private static final class Model {
        private final List<List<Fragment>> fragments = new ArrayList<>();
        private final boolean[] spoiled = new boolean[128];

        Model() {
            for (int i = 0; i < spoiled.length; i++) {
                fragments.add(new ArrayList<>());
            }
        }

        void begin(int key) {
            fragments.get(key).clear();
            spoiled[key] = false;
        }

        @Nullable
        DropReason add(int key, Fragment fragment) {
            List<Fragment> others = fragments.get(key);
            if (!spoiled[key] && others.contains(fragment)) {
                return DropReason.DUP_FRAG;
            }
            if (spoiled[key] || others.stream().anyMatch(other -> contradict(fragment, other))) {
                spoiled[key] = true;
                return DropReason.FRAG_OVERLAP;
            }
            others.add(fragment);
            return null;
        }

        /** A last fragment lies behind all others. */
        private static boolean contradict(Fragment one, Fragment two) {
            return one.overlaps(two)
                    || (!one.more && (two.end() > one.offset))
                    || (!two.more && (one.end() > two.offset));
        }

        boolean isComplete(int key) {
            List<Fragment> parts = fragments.get(key);
            return !spoiled[key] && parts.stream().anyMatch(part -> !part.more) && sum(parts) == end(parts);
        }

        private static int sum(List<Fragment> parts) {
            return parts.stream().mapToInt(Fragment::length).sum();
        }

        private static int end(List<Fragment> parts) {
            return parts.stream().mapToInt(Fragment::end).max().orElse(0);
        }

        void check(int key, MemorySegment whole) {
            ReassemblyModel.check(whole.byteSize() == end(fragments.get(key)), "length " + whole.byteSize());
            for (Fragment part : fragments.get(key)) {
                for (int i = part.offset; i < part.end(); i++) {
                    ReassemblyModel.check(whole.get(ValueLayout.JAVA_BYTE, i) == part.fill, "byte " + i);
                }
            }
        }
    }
}
