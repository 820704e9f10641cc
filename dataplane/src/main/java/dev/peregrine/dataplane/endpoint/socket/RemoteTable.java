package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.socket.NumberedPaths;
import org.jspecify.annotations.Nullable;

/**
 * The remotes of a socket port: found by address and port, ordered by last use, at most a fixed number of them. Open
 * addressing with linear probing, at most half full. Allocates only when it holds more remotes than ever before.
 */
final class RemoteTable {
    private final DatagramAddress application;
    private final @Nullable NumberedPaths replies;
    private final Remote[] remotes;
    private final @Nullable Remote[] slots;
    private final int mask;
    private int made;
    private volatile int size;
    private @Nullable Remote spare;
    private @Nullable Remote oldest;
    private @Nullable Remote newest;

    RemoteTable(DatagramAddress application, @Nullable NumberedPaths replies, int capacity) {
        this.application = application;
        this.replies = replies;
        remotes = new Remote[capacity];
        slots = new Remote[Integer.highestOneBit(capacity) * 4];
        mask = slots.length - 1;
    }

    /** Remotes in use; any thread may ask. */
    int size() {
        return size;
    }

    boolean isFull() {
        return size == remotes.length;
    }

    /** The remote with an id, in use or not. */
    Remote remote(int id) {
        return remotes[id];
    }

    /** The least recently used remote; null when there is none. */
    @Nullable
    Remote oldest() {
        return oldest;
    }

    /** The remote with an address and port, or null. */
    @Nullable
    Remote find(long addressHigh, long addressLow, int port) {
        for (int i = home(addressHigh, addressLow, port); ; i = (i + 1) & mask) {
            Remote remote = slots[i];
            if (remote == null || remote.isFor(addressHigh, addressLow, port)) {
                return remote;
            }
        }
    }

    /** Adds a remote that is not known yet; its socket is closed. The table must not be full. */
    Remote add(long addressHigh, long addressLow, int port, long nowNanos) {
        Remote remote = take();
        remote.addressHigh = addressHigh;
        remote.addressLow = addressLow;
        remote.port = port;
        remote.usedNanos = nowNanos;
        remote.pathMtu = 0;
        int i = home(addressHigh, addressLow, port);
        while (slots[i] != null) {
            i = (i + 1) & mask;
        }
        slots[i] = remote;
        count(1);
        append(remote);
        return remote;
    }

    /** Notes that a datagram of the remote passed. */
    void touch(Remote remote, long nowNanos) {
        remote.usedNanos = nowNanos;
        if (remote != newest) {
            unlink(remote);
            append(remote);
        }
    }

    /** Takes a remote out; its socket stays as it is. */
    void remove(Remote remote) {
        int hole = home(remote.addressHigh, remote.addressLow, remote.port);
        while (slots[hole] != remote) {
            hole = (hole + 1) & mask;
        }
        close(hole);
        count(-1);
        unlink(remote);
        remote.newer = spare;
        spare = remote;
    }

    /** Moves back entries that a now free slot had displaced, so that probing needs no tombstones. */
    private void close(int freed) {
        int hole = freed;
        for (int i = (hole + 1) & mask; ; i = (i + 1) & mask) {
            Remote remote = slots[i];
            if (remote == null) {
                slots[hole] = null;
                return;
            }
            int home = home(remote.addressHigh, remote.addressLow, remote.port);
            if (((i - home) & mask) >= ((i - hole) & mask)) {
                slots[hole] = remote;
                hole = i;
            }
        }
    }

    private void count(int change) {
        int before = size; // nobody else writes
        size = before + change;
    }

    private Remote take() {
        Remote remote = spare;
        if (remote == null) {
            remote = new Remote(made, application, replies);
            remotes[made++] = remote;
        } else {
            spare = remote.newer;
        }
        return remote;
    }

    private void append(Remote remote) {
        remote.older = newest;
        remote.newer = null;
        if (newest == null) {
            oldest = remote;
        } else {
            newest.newer = remote;
        }
        newest = remote;
    }

    private void unlink(Remote remote) {
        Remote older = remote.older;
        Remote newer = remote.newer;
        if (older == null) {
            oldest = newer;
        } else {
            older.newer = newer;
        }
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
    }

    private int home(long addressHigh, long addressLow, int port) {
        long hash = Mix.finish((addressHigh * Mix.GOLDEN ^ addressLow) + port);
        return (int) (hash >>> 32) & mask;
    }
}
