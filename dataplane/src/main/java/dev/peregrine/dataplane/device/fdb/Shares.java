package dev.peregrine.dataplane.device.fdb;

import org.agrona.collections.Int2IntCounterMap;

/**
 * Divides the places of a bounded table among its users, so that none of them locks out another: each has places of its
 * own, which no other takes, and the rest is for all. A user without places of its own takes only from the rest. Not
 * thread-safe.
 */
public final class Shares {
    private final Int2IntCounterMap own = new Int2IntCounterMap(0);
    private final Int2IntCounterMap held = new Int2IntCounterMap(0);
    private int places;
    private int reserved;
    private int total;

    /** Places that users hold beyond their own. */
    private int beyond;

    /** Sets the total number of places; a number below the held places removes none. */
    public void places(int count) {
        places = count;
    }

    /** Sets the number of a user's own places; all users together must not have more than the total. */
    public void reserve(int user, int count) {
        beyond -= beyond(user);
        reserved += count - own.get(user);
        if (count == 0) {
            own.remove(user);
        } else {
            own.put(user, count);
        }
        beyond += beyond(user);
    }

    /** Whether a user may take one more place. */
    public boolean hasRoom(int user) {
        return total < places && (held.get(user) < own.get(user) || beyond < places - reserved);
    }

    /** Records that a user took places or, with a negative number, gave them back. */
    public void count(int user, int change) {
        beyond -= beyond(user);
        held.addAndGet(user, change);
        total += change;
        beyond += beyond(user);
    }

    private int beyond(int user) {
        return Math.max(0, held.get(user) - own.get(user));
    }
}
