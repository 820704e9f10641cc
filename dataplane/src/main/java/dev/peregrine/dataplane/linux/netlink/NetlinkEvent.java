package dev.peregrine.dataplane.linux.netlink;

/**
 * A change in the network that the kernel reported to a {@link NetlinkListener}. It names the place of the change, not
 * the present state: more may have changed since.
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
         * Another namespace that has a number here: it got it now, or has ended. The kernel does not report the removal
         * of its parts one by one.
         */
        NAMESPACE,
        /** Events were lost: anything, in any namespace, may have changed. */
        OVERRUN
    }

    /** The event that others were lost. */
    public static final NetlinkEvent LOST = new NetlinkEvent(Kind.OVERRUN, false, 0, "", OWN);

    /** Whether something may have changed in the listener's own namespace. */
    public boolean isOwn() {
        return namespace == OWN;
    }

    /** Whether an interface or an address of the listener's own namespace may have changed. */
    public boolean isOwnInterface() {
        return isOwn()
                && switch (kind) {
                    case LINK, ADDRESS, OVERRUN -> true;
                    case ROUTE, NAMESPACE -> false;
                };
    }
}
