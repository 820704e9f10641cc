package dev.peregrine.gateway.doctor.check;

import java.util.Locale;

/** How a check ended. */
public enum Result {
    /** As it should be. */
    OK,
    /** The gateway works, but worse than it could, or it may. */
    WARN,
    /** The gateway cannot do what it is to do. */
    FAIL,
    /** It does not apply, or cannot be seen from here. */
    SKIP;

    /** The user's word. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
