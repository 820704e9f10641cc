package dev.peregrine.vxlan;

import dev.peregrine.dataplane.linux.UdpAddress;
import dev.peregrine.dataplane.packet.Ports;

/** A remote VTEP: an entry of the {@link VtepTable} that stays for the life of the table. */
public final class RemoteVtep {
    private final int index;
    private final IpAddress address;
    private final UdpAddress destination;
    private volatile boolean configured;
    private volatile boolean allowed;

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

    /** Whether the configuration names it; else it was seen, and the allow-list has it or had it. */
    public boolean isConfigured() {
        return configured;
    }

    /** Whether datagrams from it are accepted. */
    public boolean isAllowed() {
        return allowed;
    }

    void configure(boolean configured) {
        this.configured = configured;
    }

    void apply(AllowList list) {
        allowed = configured || list.contains(address.high(), address.low());
    }

    boolean hasAddress(long high, long low) {
        return address.high() == high && address.low() == low;
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
