package dev.peregrine.gateway.control;

import com.fasterxml.jackson.annotation.JsonValue;

/** A VNI in a request, 0 to {@link #MAX}. */
public record Vni(@JsonValue int number) {
    public static final int MAX = (1 << 24) - 1;

    public Vni {
        if (!isValid(number)) throw new IllegalArgumentException("VNI " + number + " is not within 0 to " + MAX);
    }

    static boolean isValid(int number) {
        return number >= 0 && number <= MAX;
    }

    @Override
    public String toString() {
        return String.valueOf(number);
    }
}
