package dev.peregrine.controlplane.etcd;

import java.nio.ByteBuffer;
import java.util.List;

/** An event that the thread of a plane waits for. */
sealed interface Mail {
    /** Somebody wants something of the plane. */
    record Wake() implements Mail {}

    /** A part of a watch has arrived; the next one comes when this is dealt with. */
    record Part(WatchStream stream, List<ByteBuffer> bytes) implements Mail {}

    /** A watch has ended, by an error or by itself. */
    record End(WatchStream stream, String why) implements Mail {}
}
