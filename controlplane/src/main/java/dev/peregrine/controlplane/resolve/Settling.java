package dev.peregrine.controlplane.resolve;

/**
 * Has withdrawn claims wait for their claimants after an outage of the plane, since gateways come back one by one. It
 * ends when the plane has been live for a whole span, or, where it comes and goes, for {@value #SPANS} spans in all.
 */
final class Settling {
    private static final int SPANS = 4;

    private final long span;
    private final long longest;
    private boolean isOn;
    private long returnedAt;

    /** How long the plane has been live since the first return, up to the last one. */
    private long lived;

    /** None yet, of {@code span} nanoseconds each; {@link Long#MAX_VALUE} for ever. */
    Settling(long span) {
        this.span = span;
        longest = span > Long.MAX_VALUE / SPANS ? Long.MAX_VALUE : SPANS * span;
    }

    /** The plane is live again. */
    void returned(long now) {
        if (!isOn) lived = 0;
        isOn = true;
        returnedAt = now;
    }

    /** The plane was live, and is no longer. */
    void lost(long now) {
        if (left(now) > 0) lived += now - returnedAt;
        else isOn = false;
    }

    /** Nobody is waited for any more. */
    void end() {
        isOn = false;
    }

    /** After how many nanoseconds nobody is waited for, if the plane, which is live, stays so; 0 if nobody is. */
    long left(long now) {
        if (!isOn) return 0;
        long live = now - returnedAt;
        return Math.max(0, Math.min(span - live, longest - lived - live));
    }
}
