package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.MappedAddress;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.NativeMemory;
import dev.peregrine.dataplane.packet.Packet;
import org.jspecify.annotations.Nullable;

/** Hands the payload of inner UDP datagrams to the application, through the socket of the remote that sent them. */
final class UdpDelivery {
    private final OwnAddress own;
    private final Remotes remotes;
    private final DropCounters drops;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final Ipv4Header ipv4 = new Ipv4Header();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private final UdpHeader udp = new UdpHeader();

    UdpDelivery(OwnAddress own, Remotes remotes, DropCounters drops) {
        this.own = own;
        this.remotes = remotes;
        this.drops = drops;
    }

    /**
     * Delivers a dissected UDP datagram for this address, no fragment, or all datagrams of a superframe.
     *
     * @return why it cannot be delivered at all; null when it was delivered, or the lost part has been counted
     */
    @Nullable
    DropReason deliver(Packet packet) {
        int transport = packet.transportIndex();
        if (udp.wrap(packet, transport).destinationPort() != own.port) {
            return DropReason.SOCKET_NOT_OURS;
        }
        int payload = transport + UdpHeader.LENGTH;
        int end = packet.isSuperframe() ? packet.headLength() : transport + udp.length();
        if (end < payload || end > packet.headLength()) {
            return DropReason.INNER_HEADER_INVALID;
        }
        if (packet.checksum() == Checksum.UNKNOWN && !TransportChecksum.verify(packet)) {
            return DropReason.INNER_CHECKSUM;
        }
        Remote remote = remote(packet);
        if (remote == null) {
            return reason(-remotes.openErrno());
        }
        remote.mac = ethernet.wrap(packet, 0).source();
        send(packet, remote, payload, end - payload);
        return null;
    }

    private @Nullable Remote remote(Packet packet) {
        int network = packet.networkIndex();
        if (Dissector.isIpv4(packet)) {
            return remotes.of(0, MappedAddress.low(ipv4.wrap(packet, network).source()), udp.sourcePort());
        }
        ipv6.wrap(packet, network);
        return remotes.of(ipv6.sourceHigh(), ipv6.sourceLow(), udp.sourcePort());
    }

    /**
     * Delivers a datagram that was put together.
     *
     * @return why it cannot be delivered; null when it was
     */
    @Nullable
    DropReason deliver(PartialDatagram datagram) {
        long position = datagram.position();
        long address = datagram.memory().address() + position;
        int length = datagram.length() < UdpHeader.LENGTH
                ? 0
                : NativeMemory.getNetworkShort(address + UdpHeader.DATAGRAM_LENGTH);
        if (length < UdpHeader.LENGTH || length > datagram.length()) {
            return DropReason.INNER_HEADER_INVALID;
        }
        if (NativeMemory.getNetworkShort(address + UdpHeader.DESTINATION_PORT) != own.port) {
            return DropReason.SOCKET_NOT_OURS;
        }
        if (!isIntact(datagram, address, length)) {
            return DropReason.INNER_CHECKSUM;
        }
        Remote remote = remotes.of(
                datagram.addressHigh,
                datagram.addressLow,
                NativeMemory.getNetworkShort(address + UdpHeader.SOURCE_PORT));
        if (remote == null) {
            return reason(-remotes.openErrno());
        }
        remote.mac = datagram.mac;
        int result = remotes.send(remote, address + UdpHeader.LENGTH, length - UdpHeader.LENGTH);
        return result < 0 ? reason(result) : null;
    }

    private boolean isIntact(PartialDatagram datagram, long address, int length) {
        if (NativeMemory.getNetworkShort(address + UdpHeader.CHECKSUM) == 0) {
            return !own.ipv6;
        }
        // The upper half of a mapped IPv4 address adds 0xffff, which is zero in ones' complement.
        long pseudoHeader = InternetChecksum.sum(datagram.addressHigh, datagram.addressLow)
                + InternetChecksum.sum(own.high, own.low)
                + IpProtocol.UDP
                + length;
        long sum = InternetChecksum.sum(datagram.memory(), datagram.position(), length);
        return InternetChecksum.fold(pseudoHeader + sum) == 0xffff;
    }

    /** Sends the datagram in the head and those in the fragments. */
    private void send(Packet packet, Remote remote, int payload, int length) {
        int result = remotes.send(remote, packet.address() + payload, length);
        long slab = packet.memory().address();
        int sent = 0;
        while (result >= 0 && sent < packet.sliceCount()) {
            result = remotes.send(remote, slab + packet.sliceOffset(sent), packet.sliceLength(sent));
            sent++;
        }
        if (result < 0) {
            drops.lose(packet, reason(result), packet.wirePackets() - sent, -result);
        }
    }

    private static DropReason reason(int result) {
        return switch (-result) {
            case Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM, Errno.EINTR -> DropReason.ENDPOINT_FULL;
            case Errno.EMSGSIZE, Errno.EINVAL -> DropReason.ENDPOINT_REFUSED;
            default -> DropReason.SOCKET_UNREACHABLE;
        };
    }
}
