package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import org.jspecify.annotations.Nullable;

/**
 * Receives the application's datagrams and makes frames of them, addressed to the place that the last datagram of the
 * remote came from; fragments if they are longer than the MTU. Between calls it holds no buffer.
 */
final class UdpReplies {
    private static final int TTL = 64;

    /** Bytes of an IPv4 packet with its header, and of an IPv6 packet without. */
    private static final int MAX_LENGTH = 65_535;

    private final OwnAddress own;
    private final Remotes remotes;
    private final PacketPool pool;
    private final DropCounters drops;
    private final int headerLength;
    private final int maxPayload;
    private final Fragmenter fragmenter;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private final UdpHeader udp = new UdpHeader();
    private volatile int mtu;

    /** The number of remotes served so far, which selects the readable one with which the next poll begins. */
    private int turn;

    /** Acquired for a datagram that has not come yet; within a poll only. */
    private @Nullable Packet spare;

    UdpReplies(OwnAddress own, int mtu, Remotes remotes, PacketPool pool, DropCounters drops) {
        this.own = own;
        this.remotes = remotes;
        this.pool = pool;
        this.drops = drops;
        int ipLength = own.ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH;
        headerLength = EthernetHeader.LENGTH + ipLength + UdpHeader.LENGTH;
        maxPayload = MAX_LENGTH - UdpHeader.LENGTH - (own.ipv6 ? 0 : ipLength);
        fragmenter = new Fragmenter(pool, own.ipv6);
        mtu(mtu);
    }

    /** Sets how long frames may be, in bytes of IP packet; any thread. */
    void mtu(int bytes) {
        mtu = bytes;
    }

    /** Whether a poll gives frames although no socket is readable. */
    boolean isReady() {
        return fragmenter.isBusy();
    }

    void close() {
        drops.add(DropReason.PORT_DOWN, fragmenter.close());
    }

    /**
     * Adds frames to the batch until it is full; every remote that has been answered gets its share. The kernel names
     * remotes in the same order while they stay readable, and fragments of one reply may fill a batch: so each poll
     * begins with the remote behind the last one served.
     */
    void poll(Batch batch) {
        fragmenter.poll(batch);
        int room = fragmenter.isBusy() ? 0 : Batch.CAPACITY - batch.size();
        int ready = room == 0 ? 0 : remotes.poll();
        int first = ready == 0 ? 0 : Integer.remainderUnsigned(turn, ready);
        for (int i = 0; i < ready && !batch.isFull() && !fragmenter.isBusy(); i++) {
            receive(remotes.readable((first + i) % ready), Math.max(1, room / ready), batch);
            turn++;
        }
        giveBackSpare();
    }

    private void giveBackSpare() {
        if (spare != null) {
            pool.release(spare);
            spare = null;
        }
    }

    /** Receives as many datagrams as the share has frames, fewer when they make more frames than one each. */
    private void receive(Remote remote, int share, Batch batch) {
        int end = batch.size() + share;
        for (int i = 0; i < share && batch.size() < end && !batch.isFull() && !fragmenter.isBusy(); i++) {
            Packet packet = spare != null ? spare : pool.acquire();
            if (packet == null) {
                return;
            }
            spare = packet;
            int length = remote.socket.receive(packet.address() + headerLength, packet.tailroom() - headerLength);
            if (length < 0 && !remotes.mayHaveMore(remote, length)) {
                return;
            }
            if (length >= 0) {
                remotes.heard();
            }
            if (length > maxPayload) {
                drops.add(DropReason.SOCKET_TOO_LONG, 1);
            } else if (length >= 0) {
                spare = null;
                send(write(packet, remote, length), remotes.pathMtu(remote, mtu), batch);
            }
        }
    }

    private void send(Packet packet, int limit, Batch batch) {
        if (packet.headLength() - EthernetHeader.LENGTH <= limit) {
            batch.add(packet);
        } else if (fragmenter.suits(limit)) {
            fragmenter.begin(packet, limit);
            fragmenter.poll(batch);
        } else {
            drops.add(DropReason.MTU_EXCEEDED, 1);
            pool.release(packet);
        }
    }

    /** Puts the headers in front of a payload that lies behind their place. */
    private Packet write(Packet packet, Remote remote, int payloadLength) {
        packet.put(headerLength + payloadLength);
        ethernet.wrap(packet, 0)
                .destination(remote.mac)
                .source(own.mac)
                .etherType(own.ipv6 ? EthernetHeader.IPV6 : EthernetHeader.IPV4);
        int length = UdpHeader.LENGTH + payloadLength;
        if (own.ipv6) {
            writeIpv6(packet, remote, length);
        } else {
            writeIpv4(packet, remote, length);
        }
        udp.wrap(packet, headerLength - UdpHeader.LENGTH)
                .sourcePort(own.port)
                .destinationPort(remote.port)
                .length(length);
        Dissector.dissect(packet, 0);
        TransportChecksum.complete(packet);
        return packet;
    }

    private void writeIpv4(Packet packet, Remote remote, int length) {
        ipv4.wrap(packet, EthernetHeader.LENGTH)
                .versionAndLength()
                .tos(0)
                .totalLength(Ipv4Header.LENGTH + length)
                .id(remote.identification++)
                .fragmentBits(Ipv4Header.DONT_FRAGMENT)
                .ttl(TTL)
                .protocol(IpProtocol.UDP)
                .source(own.ipv4())
                .destination((int) remote.addressLow)
                .fillChecksum();
    }

    private void writeIpv6(Packet packet, Remote remote, int length) {
        ipv6.wrap(packet, EthernetHeader.LENGTH)
                .versionAndTrafficClass(0)
                .payloadLength(length)
                .nextHeader(IpProtocol.UDP)
                .hopLimit(TTL)
                .source(own.high, own.low)
                .destination(remote.addressHigh, remote.addressLow);
    }
}
