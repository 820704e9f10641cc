package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;

/**
 * One worker's end of the underlay: UDP datagrams whose payload begins with a VXLAN header.
 *
 * <p><b>Receive.</b> {@link #poll} gives one packet for each buffer that the kernel filled: the head is the first
 * datagram, the fragments are datagrams of equal length that follow at equal strides, either end to end, where {@code
 * UDP_GRO} put them, or in slots of one buffer, with gaps between. The ingress port is the tunnel port of the sender,
 * or {@link dev.peregrine.dataplane.packet.Packet#NO_PORT} when the sender is not an allowed VTEP; outer TOS and TTL
 * are set.
 *
 * <p><b>Send.</b> {@link #accept} takes packets whose head begins with a VXLAN header and whose egress port is a
 * tunnel port; a superframe leaves as its segments. Outer TOS and TTL are taken from the packet, the UDP source port
 * from its flow hash.
 *
 * <p>Datagrams that the kernel does not take, or loses, are counted under a drop reason. Belongs to one worker.
 */
public interface Underlay extends Source, Sink, AutoCloseable {
    /** A file descriptor that becomes readable when {@link #poll} has packets to give; -1 when there is none. */
    int fd();

    @Override
    void close();
}
