package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import org.jspecify.annotations.Nullable;

/**
 * A destination without a network stack of its own. It answers ARP or neighbour discovery and ping for one address, and
 * hands the payload of UDP datagrams for one port to a local datagram socket, Unix or UDP. Its replies go to the place
 * that the last datagram of that remote came from. The endpoint reassembles fragments, within bounds, and sends replies
 * in fragments that are longer than the MTU, or than the known MTU of the path to the remote.
 *
 * <p>Every remote (inner source address and port) has a local socket of its own, so that the application can tell
 * remotes apart and answers by replying to a datagram's sender. Remotes are bounded, and forgotten
 * after disuse. At its first {@link #poll} the endpoint announces its address, so that bridges learn it.
 *
 * <p>Allocates nothing per datagram; a new remote may allocate.
 */
public final class SocketEndpoint implements Endpoint {
    /** Bytes of native memory of an endpoint: where datagrams are put together. */
    public static final long OFF_HEAP_BYTES = Reassembly.BYTES;

    private final OwnAddress own;
    private final PacketPool pool;
    private final DropCounters drops;
    private final Remotes remotes;
    private final UdpDelivery delivery;
    private final FragmentDelivery fragments;
    private final UdpReplies replies;
    private final ArpResponder arp;
    private final NeighbourResponder neighbours;
    private final EchoResponder echo;
    private final TooBigReader tooBig;
    private final AnswerQueue answers = new AnswerQueue();
    private final EthernetHeader ethernet = new EthernetHeader();
    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private boolean announced;

    /**
     * An endpoint whose local sockets are in the network namespace of the thread that uses it.
     *
     * @param pool the worker's pool, of which at most {@value AnswerQueue#CAPACITY} answers and a reply that is being
     *     sent in fragments are held from a batch to the next poll, and none at rest
     * @param drops where the worker counts drops
     */
    public SocketEndpoint(SocketSettings settings, PacketPool pool, DropCounters drops) throws LinuxException {
        own = new OwnAddress(settings.mac(), settings.listen());
        this.pool = pool;
        this.drops = drops;
        remotes = new Remotes(settings, drops);
        delivery = new UdpDelivery(own, remotes, drops);
        fragments = new FragmentDelivery(own, delivery, drops);
        replies = new UdpReplies(own, settings.mtu(), remotes, pool, drops);
        arp = new ArpResponder(own);
        neighbours = new NeighbourResponder(own);
        echo = new EchoResponder(own);
        tooBig = new TooBigReader(own);
    }

    @Override
    public int poll(Batch batch) {
        int before = batch.size();
        if (!announced) {
            announce();
        }
        answers.poll(batch);
        advance(batch.nowNanos());
        replies.poll(batch);
        return batch.size() - before;
    }

    @Override
    public boolean isReady() {
        return !announced || !answers.isEmpty() || replies.isReady();
    }

    /** Whether there are remotes or incomplete datagrams, which expire even without traffic. */
    @Override
    public boolean wantsTicks() {
        return remotes.size() > 0 || fragments.size() > 0;
    }

    @Override
    public void tick(long nowNanos) {
        advance(nowNanos);
    }

    private void advance(long nowNanos) {
        remotes.advance(nowNanos);
        fragments.advance(nowNanos);
    }

    @Override
    public void accept(Batch batch) {
        advance(batch.nowNanos());
        int served = 0;
        try {
            for (; served < batch.size(); served++) {
                Packet packet = batch.packet(served);
                DropReason reason = take(packet);
                if (reason != null) {
                    drops.lose(packet, reason, packet.wirePackets());
                }
            }
        } finally {
            batch.release(served);
        }
    }

    @Override
    public int fd() {
        return remotes.fd();
    }

    /** Never. */
    @Override
    public boolean isGone() {
        return false;
    }

    /** Sets how long frames to remotes may be, in bytes of IP packet; any thread. */
    public void mtu(int bytes) {
        replies.mtu(bytes);
    }

    /** Remotes that are remembered now; any thread may ask. */
    public int remotes() {
        return remotes.size();
    }

    /** Datagrams that are incomplete now; any thread may ask. */
    int incomplete() {
        return fragments.size();
    }

    /** Why the application did not get a datagram last, as a positive errno; 0 before the first failure. */
    @Override
    public int lastErrno() {
        return remotes.openErrno();
    }

    /** Whether the latest report says that the application is not there; any thread may ask. */
    public boolean isRefused() {
        return remotes.isRefused();
    }

    @Override
    public void close() {
        drops.add(DropReason.PORT_DOWN, answers.close());
        replies.close();
        fragments.close();
        remotes.close();
    }

    /** Serves a packet, which stays the caller's; returns why not, or null. */
    private @Nullable DropReason take(Packet packet) {
        if (packet.etherType() == 0) {
            Dissector.dissect(packet, 0);
        }
        return switch (packet.etherType()) {
            case EthernetHeader.ARP -> takeArp(packet);
            case EthernetHeader.IPV4, EthernetHeader.IPV6 -> takeIp(packet);
            default -> DropReason.SOCKET_NOT_OURS;
        };
    }

    private @Nullable DropReason takeArp(Packet packet) {
        if (!arp.isAsked(packet)) {
            return DropReason.SOCKET_NOT_OURS;
        }
        Packet reply = answers.isFull() ? null : pool.acquire();
        if (reply == null) {
            return noAnswer();
        }
        arp.answer(packet, reply);
        return queue(reply);
    }

    private @Nullable DropReason takeIp(Packet packet) {
        if (packet.protocol() == IpProtocol.ICMPV6 && neighbours.isAsked(packet)) {
            return advertise(packet);
        }
        if (!isForUs(packet)) {
            return DropReason.SOCKET_NOT_OURS;
        }
        if (Dissector.isFragment(packet)) {
            return isHeaderIntact(packet) ? fragments.take(packet) : DropReason.INNER_HEADER_INVALID;
        }
        if (packet.protocol() == 0 || !isHeaderIntact(packet)) {
            return DropReason.INNER_HEADER_INVALID;
        }
        if (packet.protocol() == IpProtocol.UDP) {
            return delivery.deliver(packet);
        }
        if (echo.isAsked(packet)) {
            return echo(packet);
        }
        return tooBig.isTold(packet) ? narrow(packet) : DropReason.SOCKET_NOT_OURS;
    }

    private @Nullable DropReason narrow(Packet packet) {
        if (!echo.isIntact(packet)) {
            return DropReason.INNER_CHECKSUM;
        }
        boolean known = remotes.narrow(tooBig.addressHigh(), tooBig.addressLow(), tooBig.port(), tooBig.mtu());
        return known ? null : DropReason.SOCKET_NOT_OURS;
    }

    /** Whether MAC and IP address are this port's; wraps the IP header. */
    private boolean isForUs(Packet packet) {
        int network = packet.networkIndex();
        if (network < 0 || ethernet.wrap(packet, 0).destination() != own.mac) {
            return false;
        }
        if (own.ipv6) {
            ipv6.wrap(packet, network);
            return Dissector.isIpv6(packet) && ipv6.destinationHigh() == own.high && ipv6.destinationLow() == own.low;
        }
        return Dissector.isIpv4(packet) && ipv4.wrap(packet, network).destination() == own.ipv4();
    }

    /** Whether the checksum of the IPv4 header is right, which has been wrapped. */
    private boolean isHeaderIntact(Packet packet) {
        return own.ipv6 || (ipv4.index() + ipv4.headerLength() <= packet.headLength() && ipv4.hasValidChecksum());
    }

    private @Nullable DropReason advertise(Packet solicitation) {
        Packet reply = answers.isFull() ? null : pool.acquire();
        if (reply == null) {
            return noAnswer();
        }
        neighbours.answer(solicitation, reply);
        return queue(reply);
    }

    private @Nullable DropReason echo(Packet request) {
        if (!echo.isIntact(request)) {
            return DropReason.INNER_CHECKSUM;
        }
        Packet reply = answers.isFull() ? null : pool.copy(request);
        if (reply == null) {
            return noAnswer();
        }
        echo.answer(reply);
        return queue(reply);
    }

    private DropReason noAnswer() {
        return answers.isFull() ? DropReason.ENDPOINT_FULL : DropReason.POOL_EMPTY;
    }

    private @Nullable DropReason queue(Packet reply) {
        Dissector.dissect(reply, 0);
        answers.add(reply);
        return null;
    }

    private void announce() {
        Packet packet = pool.acquire();
        if (packet == null) {
            return; // and again with the next poll
        }
        announced = true;
        if (own.ipv6) {
            neighbours.announce(packet);
        } else {
            arp.announce(packet);
        }
        queue(packet);
    }
}
