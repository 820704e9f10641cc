package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.offload.Segmenter;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.SendErrors;
import dev.peregrine.vxlan.underlay.SourcePorts;
import dev.peregrine.vxlan.underlay.VtepCounters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Errors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * The sending half of a {@link NettyUnderlay}: one channel for each source port, one datagram for each system call. TOS
 * and TTL are options of the socket, set when they change.
 */
final class NettySender implements AutoCloseable {
    private final SourcePorts ports;
    private final VtepTable vteps;
    private final DropCounters drops;
    private final VtepCounters counters;
    private final Segmenter segmenter = new Segmenter();
    private final EpollDatagramChannel[] channels;
    private final int[] tos;
    private final int[] ttl;
    private final SendErrors errors;

    NettySender(SourcePorts ports, VtepTable vteps, DropCounters drops, SendErrors errors, VtepCounters counters) {
        this.ports = ports;
        this.vteps = vteps;
        this.drops = drops;
        this.errors = errors;
        this.counters = counters;
        channels = new EpollDatagramChannel[ports.sockets()];
        tos = new int[channels.length];
        ttl = new int[channels.length];
        for (int i = 0; i < channels.length; i++) {
            channels[i] = new EpollDatagramChannel(ports.socket(i).fd());
            channels[i].config().setAutoRead(false);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // on the loop's own thread this completes at once
    void register(EventLoop loop) {
        for (EpollDatagramChannel channel : channels) {
            loop.register(channel);
        }
    }

    /** Sends all packets of the batch and releases them. */
    void send(Batch batch) {
        int sent = 0;
        try {
            for (; sent < batch.size(); sent++) {
                Packet packet = batch.packet(sent);
                RemoteVtep vtep = vteps.behind(packet.outPort());
                if (vtep == null) {
                    drops.lose(packet, DropReason.PORT_UNKNOWN, packet.wirePackets());
                } else {
                    send(packet, vtep);
                }
            }
        } finally {
            batch.release(sent);
        }
    }

    private void send(Packet packet, RemoteVtep vtep) {
        int port = ports.choose(packet.flowHash(), vtep);
        try {
            prepare(port, packet.outerTos(), packet.outerTtl());
        } catch (LinuxException e) {
            errors.refused(e.errno(), vtep, packet.wirePackets());
            errors.show(e.errno(), packet);
            return;
        }
        if (packet.isSuperframe()) {
            sendSegments(port, packet, vtep);
            return;
        }
        if (packet.checksum() == Checksum.PARTIAL) {
            TransportChecksum.complete(packet);
        }
        ByteBuf datagram = Unpooled.buffer(packet.headLength());
        append(datagram, packet.memory(), packet.offset(), packet.headLength());
        if (!write(port, datagram, vtep)) {
            errors.show(Errno.EAGAIN, packet);
        }
    }

    /** Earlier datagrams have left: channels are flushed at once, and one that is not writable is not used. */
    private void prepare(int port, int newTos, int newTtl) throws LinuxException {
        UdpSocket socket = ports.socket(port);
        if (tos[port] != newTos) {
            socket.tos(newTos);
            tos[port] = newTos;
        }
        if (ttl[port] != newTtl && newTtl > 0) {
            socket.ttl(newTtl);
            ttl[port] = newTtl;
        }
    }

    private void sendSegments(int port, Packet packet, RemoteVtep vtep) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment blocks = arena.allocate((long) packet.headLength() * packet.wirePackets());
            int headers = segmenter.write(packet, blocks, 0);
            if (headers < 0) {
                drops.lose(packet, DropReason.INNER_HEADER_INVALID, packet.wirePackets());
                return;
            }
            boolean areAllTaken = true;
            for (int i = 0; i < packet.wirePackets(); i++) {
                long payload = i == 0 ? packet.offset() + headers : packet.sliceOffset(i - 1);
                int length = i == 0 ? packet.headLength() - headers : packet.sliceLength(i - 1);
                ByteBuf datagram = Unpooled.buffer(headers + length);
                append(datagram, blocks, (long) i * headers, headers);
                append(datagram, packet.memory(), payload, length);
                areAllTaken &= write(port, datagram, vtep);
            }
            if (!areAllTaken) {
                errors.show(Errno.EAGAIN, packet);
            }
        }
    }

    private static void append(ByteBuf datagram, MemorySegment memory, long offset, int length) {
        datagram.writeBytes(memory.asSlice(offset, length).asByteBuffer());
    }

    /** Returns whether the channel had room; what becomes of the datagram then, the listener learns. */
    @SuppressWarnings("FutureReturnValueIgnored") // the listener learns of it
    private boolean write(int port, ByteBuf bytes, RemoteVtep vtep) {
        EpollDatagramChannel channel = channels[port];
        if (!channel.isWritable()) {
            bytes.release();
            errors.refused(Errno.EAGAIN, vtep, 1);
            return false;
        }
        int length = bytes.readableBytes();
        InetSocketAddress destination = new InetSocketAddress(
                vtep.address().toInetAddress(), vtep.destination().port());
        ChannelFuture written = channel.writeAndFlush(new DatagramPacket(bytes, destination));
        if (written.isSuccess()) {
            counters.sent(vtep.index(), 1, length);
            return true;
        }
        written.addListener(done -> {
            if (done.isSuccess()) {
                counters.sent(vtep.index(), 1, length);
            } else {
                int errno = done.cause() instanceof Errors.NativeIoException e ? -e.expectedErr() : Errno.EIO;
                errors.refused(errno, vtep, 1);
            }
        });
        return true;
    }

    /** Makes room for new VTEPs; called about once a second. */
    void tick() throws LinuxException {
        ports.makeRoom(vteps.size());
    }

    SourcePorts ports() {
        return ports;
    }

    /** The channels close their descriptors if they were ever registered. */
    @SuppressWarnings("FutureReturnValueIgnored") // there is nothing to do about a failure to close
    @Override
    public void close() {
        errors.close();
        for (int i = 0; i < channels.length; i++) {
            if (channels[i].isRegistered()) {
                channels[i].close();
            } else {
                ports.socket(i).close();
            }
        }
    }
}
