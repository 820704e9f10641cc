package dev.peregrine.dataplane.device;

import org.agrona.collections.Int2IntCounterMap;

/**
 * Divides the places of a bounded table among its users, so that none of them locks another out: each has places of its
 * own, which nobody else takes, and the rest is for whoever comes first. A user without places of its own only takes from
 * the rest. Not thread-safe.
 */
final class Shares {
    private final Int2IntCounterMap own = new Int2IntCounterMap(0);
    private final Int2IntCounterMap held = new Int2IntCounterMap(0);
    private int places;
    private int reserved;
    private int total;

    /** Places that users hold beyond their own. */
    private int beyond;

    /** Sets how many places there are in all; fewer than are held take none away. */
    void places(int count) {
        places = count;
    }

    /** Sets how many places are a user's own; all users together must not have more than there are. */
    void reserve(int user, int count) {
        beyond -= beyond(user);
        reserved += count - own.get(user);
        own.put(user, count);
        beyond += beyond(user);
    }

    /** Whether a user may take one more place. */
    boolean hasRoom(int user) {
        return total < places && (held.get(user) < own.get(user) || beyond < places - reserved);
    }

    /** Notes that a user took places or, with a negative number, gave them back. */
    void count(int user, int change) {
        beyond -= beyond(user);
        held.addAndGet(user, change);
        total += change;
        beyond += beyond(user);
    }

    /** Places that a user holds. */
    int held(int user) {
        return held.get(user);
    }

    private int beyond(int user) {
        return Math.max(0, held.get(user) - own.get(user));
    }
}
