package dev.peregrine.controlplane.resolve;

/** Why a MAC is this gateway's own business, whatever planes say. */
public enum Local {
    /** A learned entry of a local port: announced, and given up when a claim with a higher sequence comes. */
    LEARNED,
    /** The MAC of a port itself: announced, and never given up. Claims of others are conflicts. */
    PORT,
    /** A static entry of the operator, wherever it leads: not announced, and never given up. */
    STATIC
}
