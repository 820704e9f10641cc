package dev.peregrine.vxlan;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
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

    /** The last list that contained the address: most look-ups only compare two references. */
    private volatile @Nullable AllowList allowedBy;

    /** The state of a VTEP's reachability. */
    public enum Standing {
        /** Datagrams came from it recently. */
        HEARD,
        /** No datagrams came recently: it may be off, or have nothing to send. */
        SILENT,
        /** No datagrams came recently, and datagrams to it failed. */
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

    /** The address and port that datagrams for it are sent to. */
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

    /** The latest state of its reachability. */
    public Standing standing() {
        return standing;
    }

    /** Publishes the state of its reachability; called by the control thread. */
    public void standing(Standing found) {
        standing = found;
    }

    boolean hasAddress(long high, long low) {
        return address.high() == high && address.low() == low;
    }

    /** Records that the kernel refused a datagram to it as too long for the path; called by any worker. */
    public void refuseTooLong() {
        refusedTooLong = true;
    }

    /** Whether the kernel has refused a datagram as too long since the last call; called by the control thread. */
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
