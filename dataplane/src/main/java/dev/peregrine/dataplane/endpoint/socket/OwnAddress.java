package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.sys.MappedAddress;
import java.nio.ByteBuffer;

/** The MAC address, IP address and UDP port that a socket port answers for, in the form that frames are compared in. */
final class OwnAddress {
    final long mac;
    final int port;
    final boolean ipv6;
    final long high;
    final long low;

    OwnAddress(long mac, UdpAddress listen) {
        this.mac = mac;
        port = listen.port();
        ByteBuffer address = ByteBuffer.wrap(listen.address().getAddress());
        ipv6 = address.remaining() == 16;
        high = ipv6 ? address.getLong(0) : 0;
        low = ipv6 ? address.getLong(8) : MappedAddress.low(address.getInt(0));
    }

    int ipv4() {
        return (int) low;
    }
}
