package dev.peregrine.vxlan;

import dev.peregrine.dataplane.linux.UdpAddress;
import dev.peregrine.dataplane.packet.Ports;
import org.jspecify.annotations.Nullable;

/** A remote VTEP: an entry of the {@link VtepTable}, until that retires it. */
public final class RemoteVtep {
    private final int index;
    private final IpAddress address;
    private final UdpAddress destination;
    private volatile boolean configured;
    private volatile boolean refusedTooLong;
    private volatile Standing standing = Standing.SILENT;

    /** The last list that was found to contain the address: most look-ups end at comparing two references. */
    private volatile @Nullable AllowList allowedBy;

    /** Knowledge of a VTEP's reachability. */
    public enum Standing {
        /** Datagrams came from it lately. */
        HEARD,
        /** None came lately, which says little: it may have nothing to say. */
        SILENT,
        /** None came lately, and datagrams to it failed. */
        FAILING
    }

    RemoteVtep(int index, IpAddress address, int port, boolean configured) {
        this.index = index;
        this.address = address;
        this.configured = configured;
        destination = UdpAddress.of(address.toInetAddress(), port);
    }

    /** Its number in the table, from 0 to below {@link VtepTable#slots}. */
    public int index() {
        return index;
    }

    /** Its tunnel port. */
    public int port() {
        return Ports.tunnel(index);
    }

    /** Its address. */
    public IpAddress address() {
        return address;
    }

    /** Where datagrams for it go. */
    public UdpAddress destination() {
        return destination;
    }

    /** Whether the configuration or a static FDB entry names it. */
    public boolean isConfigured() {
        return configured;
    }

    void configure(boolean configured) {
        this.configured = configured;
    }

    /** Whether datagrams from it are accepted while {@code list} holds. */
    boolean isAllowedBy(AllowList list) {
        if (allowedBy == list || (configured && list.admitsConfigured())) {
            return true;
        }
        if (!list.contains(address.high(), address.low())) {
            return false;
        }
        allowedBy = list;
        return true;
    }

    /** The latest knowledge of its reachability. */
    public Standing standing() {
        return standing;
    }

    /** Publishes the knowledge of its reachability; the control thread. */
    public void standing(Standing found) {
        standing = found;
    }

    boolean hasAddress(long high, long low) {
        return address.high() == high && address.low() == low;
    }

    /** Notes that the kernel refused a datagram to it as too long for the path; any worker. */
    public void refuseTooLong() {
        refusedTooLong = true;
    }

    /** Whether a datagram was refused as too long since this was asked last; the control thread. */
    public boolean takeRefusedTooLong() {
        boolean refused = refusedTooLong;
        if (refused) {
            refusedTooLong = false;
        }
        return refused;
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
