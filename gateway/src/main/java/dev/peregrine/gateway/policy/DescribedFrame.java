package dev.peregrine.gateway.policy;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.policy.antispoof.SourceGuard;
import dev.peregrine.gateway.config.model.policy.PacketConfig;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.config.value.TcpFlags;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A frame with the headers that {@code policy test} was told, for what looks at frames, not at fields. */
final class DescribedFrame {
    private static final int LONGEST = 128;
    private static final int TRANSPORT_BYTES = 20;
    private static final int TTL = 64;
    private static final int LATER_FRAGMENT = 185; // times eight bytes

    /** The EtherType for local experiments (IEEE 802): neither IP nor ARP. */
    private static final int OTHER = 0x88b5;

    private final PacketConfig packet;
    private final ByteBuffer bytes = ByteBuffer.allocate(LONGEST);

    /** @param sourceMac if the packet was not given one */
    DescribedFrame(PacketConfig packet, long sourceMac) {
        this.packet = packet;
        putMac(packet.destinationMac().map(MacAddress::value).orElse(0L));
        putMac(packet.sourceMac().map(MacAddress::value).orElse(sourceMac));
        if (packet.source().isEmpty()) {
            // Of ARP the sender is not told, so only the Ethernet header can be judged.
            bytes.putShort((short) OTHER).put(new byte[TRANSPORT_BYTES]);
        } else if (packet.source().get().getAddress().length == Integer.BYTES) {
            putIpv4();
        } else {
            putIpv6();
        }
    }

    /** Why a guard would not let the frame pass; null when it would. */
    @Nullable
    DropReason violation(SourceGuard guard) {
        byte[] frame = Arrays.copyOf(bytes.array(), bytes.position());
        try (PacketPool pool = new PacketPool(1, 1)) {
            Packet made = Objects.requireNonNull(pool.acquire());
            made.put(frame.length);
            MemorySegment.copy(frame, 0, made.memory(), ValueLayout.JAVA_BYTE, made.offset(), frame.length);
            Dissector.dissect(made, 0);
            DropReason reason = guard.violation(made);
            pool.release(made);
            return reason;
        }
    }

    private void putMac(long mac) {
        bytes.putShort((short) (mac >>> 32)).putInt((int) mac);
    }

    private static byte[] address(Optional<InetAddress> address) {
        return address.orElseThrow().getAddress();
    }

    private void putIpv4() {
        bytes.putShort((short) EthernetHeader.IPV4)
                .putShort((short) 0x4500)
                .putShort((short) (20 + TRANSPORT_BYTES))
                .putShort((short) 0)
                .putShort((short) (packet.fragment() ? LATER_FRAGMENT : 0))
                .put((byte) TTL)
                .put((byte) packet.protocol())
                .putShort((short) 0)
                .put(address(packet.source()))
                .put(address(packet.destination()));
        putTransport();
    }

    private void putIpv6() {
        int fragment = packet.fragment() ? 8 : 0;
        bytes.putShort((short) EthernetHeader.IPV6)
                .putInt(6 << 28)
                .putShort((short) (TRANSPORT_BYTES + fragment))
                .put((byte) (packet.fragment() ? IpProtocol.FRAGMENT : packet.protocol()))
                .put((byte) TTL)
                .put(address(packet.source()))
                .put(address(packet.destination()));
        if (packet.fragment()) {
            bytes.put((byte) packet.protocol())
                    .put((byte) 0)
                    .putShort((short) (LATER_FRAGMENT << 3))
                    .putInt(0);
        }
        putTransport();
    }

    private void putTransport() {
        ByteBuffer header = ByteBuffer.allocate(TRANSPORT_BYTES);
        switch (packet.protocol()) {
            case IpProtocol.TCP ->
                header.putShort((short) packet.sourcePort())
                        .putShort((short) packet.destinationPort())
                        .putLong(0)
                        .put((byte) 0x50)
                        .put((byte) (int) packet.tcpFlags().map(TcpFlags::value).orElse(0));
            case IpProtocol.UDP ->
                header.putShort((short) packet.sourcePort())
                        .putShort((short) packet.destinationPort())
                        .putShort((short) TRANSPORT_BYTES);
            case IpProtocol.ICMP, IpProtocol.ICMPV6 ->
                header.put((byte) packet.icmpType()).put((byte) packet.icmpCode());
            default -> {}
        }
        bytes.put(header.array());
    }
}
