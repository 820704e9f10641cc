package dev.peregrine.dataplane.endpoint;

import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import java.util.List;

/**
 * One worker's end of a workload: inner Ethernet frames go in by {@link #accept} and come out by {@link #poll}.
 *
 * <p>Frames that come out have been dissected and are plain frames or superframes; frames that go in may be either. An
 * endpoint counts frames that it cannot deliver under a drop reason. Belongs to one worker; the device behind it, and
 * its file descriptor, belong to the creator of the endpoint.
 */
public interface Endpoint extends Source, Sink, AutoCloseable {
    /** A file descriptor that becomes readable when {@link #poll} has frames to give; -1 when there is none. */
    int fd();

    /** Whether the device behind the endpoint has gone; the endpoint then only drops. */
    boolean isGone();

    /**
     * The errno of the last frame that the device refused for another reason than a lack of room; 0 before the first,
     * and where there is no device. Any thread may ask.
     */
    default int lastErrno() {
        return 0;
    }

    /**
     * The offloads of the way to the workload, and why some are off; empty where there are none. Any thread may ask.
     */
    default List<Offload> offloads() {
        return List.of();
    }

    /** Whether an offload is off for a while because the device refused it; any thread may ask. */
    default boolean hasRefusedOffloads() {
        return false;
    }

    /** Whether the endpoint has timed work, so that it needs {@link #tick}; any thread may ask. */
    default boolean wantsTicks() {
        return hasRefusedOffloads();
    }

    /**
     * Does the work that is due: tries refused offloads again, and gives up datagrams that have waited too long. To be
     * called about once a second while the endpoint {@linkplain #wantsTicks wants it}, on the worker's thread.
     *
     * @param nowNanos {@link System#nanoTime}
     */
    default void tick(long nowNanos) {}

    /** Releases the buffers that the endpoint holds. Called on the worker's thread, after its last use. */
    @Override
    void close();
}
