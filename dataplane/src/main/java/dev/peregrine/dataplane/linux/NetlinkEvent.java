package dev.peregrine.dataplane.linux;

/**
 * A change in the network that the kernel has told a {@link NetlinkListener}. It says where to look, not what is there
 * now: more may have changed since.
 *
 * @param removed whether it is gone; else it is new or different
 * @param index the interface's number in its namespace; 0 where there is none
 * @param name the interface's name, of a {@link Kind#LINK}; else empty
 * @param namespace the namespace's number, as {@link Netlink#namespaceId} gives it; {@link #OWN}: the listener's own
 */
public record NetlinkEvent(Kind kind, boolean removed, int index, String name, int namespace) {
    /** The listener's own namespace. */
    public static final int OWN = -1;

    /** The kind of object that changed. */
    public enum Kind {
        /** An interface: made, removed, up, down, renamed, or with another MTU. */
        LINK,
        /** An address of an interface. */
        ADDRESS,
        /** A route. */
        ROUTE,
        /**
         * Another namespace that has a number here: it got it now, or has ended. The removal of what was in it is not told
         * one by one.
         */
        NAMESPACE,
        /** News was lost: anything, in any namespace, may have changed. */
        OVERRUN
    }

    /** Says that news was lost. */
    public static final NetlinkEvent LOST = new NetlinkEvent(Kind.OVERRUN, false, 0, "", OWN);

    /** Whether something may have changed in the listener's own namespace. */
    public boolean isOwn() {
        return namespace == OWN;
    }
}
