package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpFragment;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.linux.sys.MappedAddress;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Puts UDP datagrams for a socket port together that come in fragments, and delivers them. */
final class FragmentDelivery {
    /** Seconds that a datagram's fragments have: as Linux has it, and by RFC 8200 section 4.5. */
    static final int IPV4_SECONDS = 30;

    static final int IPV6_SECONDS = 60;

    /** Bytes of an IPv4 packet with its header, and of an IPv6 packet without. */
    private static final int MAX_LENGTH = 65_535;

    private final OwnAddress own;
    private final UdpDelivery delivery;
    private final DropCounters drops;
    private final Reassembly reassembly;
    private final int maxLength;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private long nowNanos;

    FragmentDelivery(OwnAddress own, UdpDelivery delivery, DropCounters drops) {
        this.own = own;
        this.delivery = delivery;
        this.drops = drops;
        reassembly = new Reassembly(TimeUnit.SECONDS.toNanos(own.ipv6 ? IPV6_SECONDS : IPV4_SECONDS), drops);
        maxLength = own.ipv6 ? MAX_LENGTH : MAX_LENGTH - Ipv4Header.LENGTH;
    }

    /** Datagrams that are incomplete; any thread may ask. */
    int size() {
        return reassembly.size();
    }

    /** Sets the clock, and gives up datagrams that were not complete in time. */
    void advance(long nowNanos) {
        this.nowNanos = nowNanos;
        reassembly.advance(nowNanos);
    }

    void close() {
        reassembly.close();
    }

    /**
     * Takes a dissected fragment for this address, with a right IPv4 header checksum.
     *
     * @return why it is lost, with others of its datagram that have been counted; null when it is kept or was delivered
     */
    @Nullable
    DropReason take(Packet packet) {
        int data = IpFragment.dataIndex(packet);
        if (data < 0) {
            return DropReason.INNER_HEADER_INVALID;
        }
        if (IpFragment.protocol(packet) != IpProtocol.UDP) {
            return DropReason.INNER_FRAGMENT;
        }
        int offset = IpFragment.offset(packet);
        int length = Dissector.ipEnd(packet) - data;
        boolean more = IpFragment.hasMore(packet);
        if (length == 0 || (more && length % 8 != 0) || offset + length > maxLength) {
            return DropReason.INNER_HEADER_INVALID;
        }
        PartialDatagram datagram = datagramOf(packet);
        boolean wasSpoiled = datagram.isSpoiled();
        DropReason reason = datagram.add(packet.memory(), packet.offset() + data, offset, length, more);
        if (datagram.isSpoiled() && !wasSpoiled) {
            drops.add(DropReason.FRAG_OVERLAP, datagram.fragments());
        }
        datagram.mac = ethernet.wrap(packet, 0).source();
        return datagram.isComplete() && reason == null ? deliver(datagram) : reason;
    }

    private PartialDatagram datagramOf(Packet packet) {
        int network = packet.networkIndex();
        int id = IpFragment.id(packet);
        if (own.ipv6) {
            ipv6.wrap(packet, network);
            return reassembly.of(ipv6.sourceHigh(), ipv6.sourceLow(), id, nowNanos);
        }
        return reassembly.of(0, MappedAddress.low(ipv4.wrap(packet, network).source()), id, nowNanos);
    }

    private @Nullable DropReason deliver(PartialDatagram datagram) {
        reassembly.end(datagram);
        DropReason reason = delivery.deliver(datagram);
        if (reason != null) {
            drops.add(reason, datagram.fragments() - 1);
        }
        return reason;
    }
}
