package dev.peregrine.testkit;

import dev.peregrine.vxlan.IpAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An underlay network in memory: carries datagrams between the addresses of its hosts, at once, in order and without
 * loss, or as a {@link Host} in the middle decides. A datagram for an address that no host has is lost, as on a real
 * network. Thread-safe.
 */
public final class MemoryNetwork {
    private final Map<IpAddress, Host> hosts = new ConcurrentHashMap<>();
    private final Host carrier;

    /** A network that delivers at once. */
    public MemoryNetwork() {
        carrier = this::deliver;
    }

    /** A network whose datagrams all go through {@code carrier}, which passes them to {@link #deliver}, or does not. */
    public MemoryNetwork(Host carrier) {
        this.carrier = carrier;
    }

    /**
     * A UDP datagram with the relevant fields of its IP header.
     *
     * @param sourcePort UDP source port
     * @param tos TOS or traffic class, 0 to 255
     * @param ttl TTL or hop limit; 0 for the sender's default
     * @param payload not copied: no one may change it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Datagram(IpAddress source, IpAddress destination, int sourcePort, int tos, int ttl, byte[] payload) {}

    /** The gateway that has an address. */
    @FunctionalInterface
    public interface Host {
        /** Takes a datagram; must not block. */
        void receive(Datagram datagram);
    }

    /** Connects a host, in place of any that had the address before. */
    public void connect(IpAddress address, Host host) {
        hosts.put(address, host);
    }

    /** Disconnects the host with an address. */
    public void disconnect(IpAddress address) {
        hosts.remove(address);
    }

    /** Sends a datagram towards the host that has its destination. */
    public void send(Datagram datagram) {
        carrier.receive(datagram);
    }

    /** Hands a datagram to the host that has its destination. */
    public void deliver(Datagram datagram) {
        Host host = hosts.get(datagram.destination());
        if (host != null) {
            host.receive(datagram);
        }
    }
}
