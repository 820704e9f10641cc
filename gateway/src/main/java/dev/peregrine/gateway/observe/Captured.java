package dev.peregrine.gateway.observe;

import dev.peregrine.dataplane.observe.FrameRecord;
import dev.peregrine.dataplane.observe.PcapngWriter;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.observe.tap.Places;
import dev.peregrine.vxlan.VxlanHeader;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes blocks of a pcapng file, or words, of recorded frames. Belongs to the thread that reads the rings. */
final class Captured {
    private static final DropReason[] REASONS = DropReason.values();
    private static final byte[] NOTHING = {};

    private final Places places;
    private final GraphNames names;
    private final OuterHeaders outer;
    private final WallClock clock;

    Captured(Places places, GraphNames names, OuterHeaders outer, WallClock clock) {
        this.places = places;
        this.names = names;
        this.outer = outer;
        this.clock = clock;
    }

    /** Writes a frame to a file. */
    void write(FrameRecord record, PcapngWriter file) {
        file.frame(
                names.terminal(places.name(record.place())),
                clock.epochNanos(record.nanos()),
                record.direction(),
                record.length(),
                record.hasTunnelHeader() ? outer.of(record) : NOTHING,
                record.frame(),
                comment(record));
    }

    private @Nullable String comment(FrameRecord record) {
        List<String> words = new ArrayList<>();
        if (record.reason() >= 0) {
            words.add("drop " + REASONS[record.reason()].name() + " at " + names.terminal(places.name(record.stage())));
        }
        if (record.segments() > 1) {
            words.add("segment " + (record.segment() + 1) + " of " + record.segments() + " of a superframe");
        }
        if (record.isCompleted()) {
            words.add("checksum was partial, filled in here");
        }
        return words.isEmpty() ? null : String.join("; ", words);
    }

    /** A frame in words. */
    CapturedFrame describe(FrameRecord record) {
        int front = record.hasTunnelHeader() ? VxlanHeader.LENGTH : 0;
        ByteBuffer bytes = record.frame();
        ByteBuffer frame = bytes.slice(Math.min(front, bytes.limit()), Math.max(0, bytes.limit() - front));
        boolean isSegment = record.segments() > 1;
        boolean isTunnelled = Ports.isTunnel(record.port());
        return new CapturedFrame(
                DateTimeFormatter.ISO_INSTANT.format(Instant.EPOCH.plusNanos(clock.epochNanos(record.nanos()))),
                names.terminal(places.name(record.place())),
                switch (record.direction()) {
                    case FrameRecord.IN -> "in";
                    case FrameRecord.OUT -> "out";
                    default -> "drop";
                },
                isTunnelled ? names.vtep(record.port()) : null,
                record.vni() < 0 ? null : Integer.valueOf(record.vni()),
                record.length() - front,
                isSegment ? Integer.valueOf(record.segment() + 1) : null,
                isSegment ? Integer.valueOf(record.segments()) : null,
                FrameText.of(frame),
                record.reason() < 0 ? null : REASONS[record.reason()].name(),
                record.reason() < 0 ? null : names.terminal(places.name(record.stage())));
    }
}
