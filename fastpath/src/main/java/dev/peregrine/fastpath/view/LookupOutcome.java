package dev.peregrine.fastpath.view;

/** The outcome of a look-up for a packet, and its reason. */
public enum LookupOutcome {
    HIT("takes the fast path"),
    RECORDED("walks, and its walk is recorded for the packets behind it"),
    UNKNOWN_FLOW("walks: the first packet of its flow for a while"),
    OUT_OF_DATE("walks: tables or the state of its flow have changed since the flow was recorded"),
    UNCACHEABLE("walks: packets of this kind always do"),
    TOO_LONG("walks: longer than the flow's exit takes"),
    BEHIND_OTHERS("walks: an earlier packet of its flow does, or the chain must look at its ECN"),
    COMPARED("walks, and the fast path is applied to a copy: shadow mode"),
    FROM_OTHER_WORKER("walks: another worker received it"),
    WAITS("waits until the earlier packets of its flow have settled"),
    RESTING("walks: look-ups do not pay at present, so none is made"),
    OFF("walks: the fast path is off");

    private final String text;

    LookupOutcome(String text) {
        this.text = text;
    }

    /** Its number, from 0. */
    @SuppressWarnings("EnumOrdinal") // nothing outside a running process keeps it
    public int number() {
        return ordinal();
    }

    /** The outcome in words. */
    public String text() {
        return text;
    }
}
