package dev.peregrine.controlplane;

/** How a control plane is. */
public enum PlaneState {
    /** Not reached yet. */
    CONNECTING,
    /** Reached; the first picture is on its way. */
    SYNCING,
    /** Its picture is whole and followed. */
    LIVE,
    /** It was live and cannot be reached, or its sessions are down. Its claims hold for a while. */
    AWAY,
    /** It is there and refuses us: credentials, rights, a version that is not supported. */
    REFUSED
}
