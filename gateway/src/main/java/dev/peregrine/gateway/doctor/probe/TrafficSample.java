package dev.peregrine.gateway.doctor.probe;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.socket.DatagramSample;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A few VXLAN datagrams as they arrive at the underlay's interface, while other checks run: whether checksums were left
 * out, outside or inside. At most 256 datagrams, for at most half a second. One thread.
 */
public final class TrafficSample implements AutoCloseable {
    private static final int MOST = 256;
    private static final long MOST_NANOS = 500_000_000;
    private static final int PAUSE_MILLIS = 10;
    private static final int UDP_AND_VXLAN = 16;
    private static final ValueLayout.OfShort NETWORK_SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final @Nullable DatagramSample sample;
    private final String reason;
    private final long startNanos = System.nanoTime();
    private final Set<String> withoutOuter = new TreeSet<>();
    private final Set<String> withoutInner = new TreeSet<>();
    private int datagrams;
    private int zeroOuter;
    private int unfilledInner;
    private boolean taken;

    private TrafficSample(@Nullable DatagramSample sample, String reason) {
        this.sample = sample;
        this.reason = reason;
    }

    /** Begins to look at an interface, where this user may. */
    public static TrafficSample begin(Link link, boolean ipv6, int port) {
        try {
            return new TrafficSample(DatagramSample.open(link, ipv6, port), "");
        } catch (LinuxException e) {
            return none(e.getMessage());
        }
    }

    /** No look is possible. */
    public static TrafficSample none(String reason) {
        return new TrafficSample(null, reason);
    }

    /** Takes what has arrived since the beginning; waits for the rest of the time only until enough has. */
    private void take() {
        if (taken || sample == null) return;
        taken = true;
        try (PacketPool pool = new PacketPool(1, 1)) {
            while (datagrams < MOST) {
                MemorySegment datagram = sample.next();
                if (datagram.byteSize() > 0) {
                    look(datagram, pool);
                } else if (System.nanoTime() - startNanos > MOST_NANOS || !pause()) {
                    return;
                }
            }
        }
    }

    private static boolean pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void look(MemorySegment datagram, PacketPool pool) {
        boolean ipv6 = datagram.get(JAVA_BYTE, 0) >>> 4 == 6;
        int udp = ipv6 ? 40 : (datagram.get(JAVA_BYTE, 0) & 0xf) * 4;
        int frame = udp + UDP_AND_VXLAN;
        if (datagram.byteSize() < frame + EthernetHeader.LENGTH) return;
        datagrams++;
        String sender = sender(datagram, ipv6);
        if (datagram.get(NETWORK_SHORT, udp + 6) == 0) {
            zeroOuter++;
            withoutOuter.add(sender);
        }
        if (isUnfilled(datagram.asSlice(frame), pool)) {
            unfilledInner++;
            withoutInner.add(sender);
        }
    }

    private static boolean isUnfilled(MemorySegment frame, PacketPool pool) {
        Packet packet = pool.acquire();
        if (packet == null) return false;
        int length = (int) frame.byteSize();
        packet.put(length);
        MemorySegment.copy(frame, 0, packet.memory(), packet.offset(), length);
        Dissector.dissect(packet, 0);
        boolean unfilled = TransportChecksum.isPseudoHeaderOnly(packet);
        pool.release(packet);
        return unfilled;
    }

    private static String sender(MemorySegment datagram, boolean ipv6) {
        byte[] address = datagram.asSlice(ipv6 ? 8 : 12, ipv6 ? 16 : 4).toArray(JAVA_BYTE);
        try {
            return AddressText.of(InetAddress.getByAddress(address));
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + address.length + " bytes", e);
        }
    }

    /** Why no datagram was seen; empty where some were. */
    public String nothing() {
        take();
        if (sample == null) return reason;
        return datagrams == 0 ? "no VXLAN datagram arrived within half a second" : "";
    }

    /** How many datagrams were looked at; what the kernel merged counts as one. */
    public int datagrams() {
        return datagrams;
    }

    /** How many of them have no outer UDP checksum. */
    public int zeroOuter() {
        return zeroOuter;
    }

    /** How many of them hold a frame whose checksum is only begun. */
    public int unfilledInner() {
        return unfilledInner;
    }

    /** The senders of datagrams without an outer checksum. */
    public Set<String> withoutOuter() {
        return withoutOuter;
    }

    /** The senders of frames whose checksum is only begun. */
    public Set<String> withoutInner() {
        return withoutInner;
    }

    @Override
    public void close() {
        if (sample != null) sample.close();
    }
}
