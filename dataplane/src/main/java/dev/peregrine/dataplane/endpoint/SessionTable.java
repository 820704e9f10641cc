package dev.peregrine.dataplane.endpoint;

import dev.peregrine.dataplane.linux.DatagramAddress;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a socket port: found by remote, ordered by last use, at most {@link #capacity}. Open addressing with
 * linear probing, at most half full. Allocates only when it holds more sessions than ever before.
 */
final class SessionTable {
    private final DatagramAddress application;
    private final Session[] sessions;
    private final @Nullable Session[] slots;
    private final int mask;
    private int made;
    private int size;
    private @Nullable Session spare;
    private @Nullable Session oldest;
    private @Nullable Session newest;

    SessionTable(DatagramAddress application, int capacity) {
        this.application = application;
        sessions = new Session[capacity];
        slots = new Session[Integer.highestOneBit(capacity) * 4];
        mask = slots.length - 1;
    }

    int capacity() {
        return sessions.length;
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size == sessions.length;
    }

    /** The session with an id, in use or not. */
    Session session(int id) {
        return sessions[id];
    }

    /** The session of longest disuse; null when there is none. */
    @Nullable Session oldest() {
        return oldest;
    }

    /** The session of a remote, or null. */
    @Nullable Session find(long addressHigh, long addressLow, int port) {
        for (int i = home(addressHigh, addressLow, port); ; i = (i + 1) & mask) {
            Session session = slots[i];
            if (session == null || session.isFor(addressHigh, addressLow, port)) {
                return session;
            }
        }
    }

    /** A session for a remote that has none; its socket is closed. The table must not be full. */
    Session add(long addressHigh, long addressLow, int port, long nowNanos) {
        Session session = take();
        session.addressHigh = addressHigh;
        session.addressLow = addressLow;
        session.port = port;
        session.usedNanos = nowNanos;
        int i = home(addressHigh, addressLow, port);
        while (slots[i] != null) {
            i = (i + 1) & mask;
        }
        slots[i] = session;
        size++;
        append(session);
        return session;
    }

    /** Notes that a datagram of the session passed. */
    void touch(Session session, long nowNanos) {
        session.usedNanos = nowNanos;
        if (session != newest) {
            unlink(session);
            append(session);
        }
    }

    /** Takes a session out; its socket stays as it is. */
    void remove(Session session) {
        int hole = home(session.addressHigh, session.addressLow, session.port);
        while (slots[hole] != session) {
            hole = (hole + 1) & mask;
        }
        close(hole);
        size--;
        unlink(session);
        session.newer = spare;
        spare = session;
    }

    /** Moves back what was displaced by a slot that is now free, so that probing needs no tombstones. */
    private void close(int freed) {
        int hole = freed;
        for (int i = (hole + 1) & mask; ; i = (i + 1) & mask) {
            Session session = slots[i];
            if (session == null) {
                slots[hole] = null;
                return;
            }
            int home = home(session.addressHigh, session.addressLow, session.port);
            if (((i - home) & mask) >= ((i - hole) & mask)) {
                slots[hole] = session;
                hole = i;
            }
        }
    }

    private Session take() {
        Session session = spare;
        if (session == null) {
            session = new Session(made, application);
            sessions[made++] = session;
        } else {
            spare = session.newer;
        }
        return session;
    }

    private void append(Session session) {
        session.older = newest;
        session.newer = null;
        if (newest == null) {
            oldest = session;
        } else {
            newest.newer = session;
        }
        newest = session;
    }

    private void unlink(Session session) {
        Session older = session.older;
        Session newer = session.newer;
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
        long hash = (addressHigh * 0x9e3779b97f4a7c15L ^ addressLow) + port;
        hash = (hash ^ hash >>> 32) * 0xd6e8feb86659fd93L;
        return (int) (hash >>> 32) & mask;
    }
}
