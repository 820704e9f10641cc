package dev.peregrine.gateway.observe;

import dev.peregrine.dataplane.observe.FrameRecord;
import dev.peregrine.dataplane.observe.FrameRecorder;
import dev.peregrine.dataplane.observe.PcapngWriter;
import dev.peregrine.dataplane.observe.RecordRing;
import dev.peregrine.gateway.control.Streamed;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads recorded frames, and sends them as words or as parts of a file. */
final class CaptureReading implements Reading {
    /** Passes over the rings before the time is looked at, where frames come as fast as they are read. */
    private static final int MOST_PASSES = 64;

    /** Frames, and bytes of a file, in one line. */
    private static final int PORTION = 64;

    private static final int LINE_BYTES = 48 << 10;

    private final List<RecordRing> rings;
    private final List<FrameRecorder> recorders;
    private final Captured captured;
    private final @Nullable PcapngWriter file;
    private long discarded;

    /** @param file what writes a file; null for words */
    CaptureReading(
            List<RecordRing> rings, List<FrameRecorder> recorders, Captured captured, @Nullable PcapngWriter file) {
        this.rings = rings;
        this.recorders = recorders;
        this.captured = captured;
        this.file = file;
    }

    @Override
    public long read(Streamed.Client client, long most, boolean isLast) {
        long sent = 0;
        boolean any = true;
        for (int pass = 0; any && sent < most && client.isReady() && (isLast || pass < MOST_PASSES); pass++) {
            any = false;
            for (RecordRing ring : rings) {
                int portion = (int) Math.min(PORTION, most - sent);
                int count = file == null ? readWords(ring, portion, client) : readFile(ring, portion, client, file);
                sent += count;
                any |= count > 0;
            }
        }
        if (file != null && file.size() > 0) {
            send(client, file);
        }
        return sent;
    }

    private int readWords(RecordRing ring, int portion, Streamed.Client client) {
        List<CapturedFrame> frames = new ArrayList<>();
        int count = ring.read(bytes -> frames.add(captured.describe(new FrameRecord(bytes))), portion);
        if (count > 0) {
            client.send(new Lines.Packets(frames));
        }
        return count;
    }

    private int readFile(RecordRing ring, int portion, Streamed.Client client, PcapngWriter into) {
        int count = ring.read(bytes -> captured.write(new FrameRecord(bytes), into), portion);
        if (into.size() > LINE_BYTES) {
            send(client, into);
        }
        return count;
    }

    private static void send(Streamed.Client client, PcapngWriter file) {
        client.send(new Lines.Bytes(file.takeCount(), Base64.getEncoder().encodeToString(file.take())));
    }

    @Override
    public void discard() {
        for (RecordRing ring : rings) {
            discarded += ring.read(_ -> {}, Integer.MAX_VALUE);
        }
    }

    @Override
    public long missed() {
        return discarded + rings.stream().mapToLong(RecordRing::missed).sum();
    }

    @Override
    public void close() {
        rings.forEach(RecordRing::close);
        recorders.forEach(FrameRecorder::close);
    }
}
