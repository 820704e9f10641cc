package dev.peregrine.fastpath;

/**
 * The settings of the fast path at run time, for all workers: whether flows are cached, and how many hits are checked.
 */
public final class FastPathSwitch {
    private volatile boolean on;
    private volatile int shadow;

    /**
     * The settings at the start.
     *
     * @param on whether packets may take the fast path
     * @param shadow n to have one of n hits take the chain as well, to compare; 0 for none
     */
    public FastPathSwitch(boolean on, int shadow) {
        this.on = on;
        shadow(shadow);
    }

    /** Whether packets may take the fast path. */
    public boolean isOn() {
        return on;
    }

    /** Turns the fast path on or off, from the next batch of each worker on. */
    public void turn(boolean toOn) {
        on = toOn;
    }

    /** The n of which one in n hits also takes the chain; 0 for none. */
    public int shadow() {
        return shadow;
    }

    /** Sets how many hits also take the chain. */
    public void shadow(int oneOf) {
        if (oneOf < 0) {
            throw new IllegalArgumentException("shadow " + oneOf);
        }
        shadow = oneOf;
    }
}
