package dev.peregrine.gateway.port;

import java.util.BitSet;

/**
 * Numbers below a bound that things have while they are there: the lowest that is free. A number is given back when
 * nothing that a worker may still look at names its thing.
 */
public final class Slots {
    private final int bound;
    private final BitSet taken = new BitSet();

    /** All numbers below {@code bound} are free. */
    public Slots(int bound) {
        this.bound = bound;
    }

    /** The bound of the numbers. */
    public int bound() {
        return bound;
    }

    /** Takes a number, of which there must be one: who adds things looks before. */
    public int take() {
        int number = taken.nextClearBit(0);
        if (number >= bound) {
            throw new IllegalStateException("all " + bound + " numbers are taken");
        }
        taken.set(number);
        return number;
    }

    /** Gives a number back. */
    public void free(int number) {
        taken.clear(number);
    }
}
