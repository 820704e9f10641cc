package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.ReceiveFailures;
import dev.peregrine.vxlan.underlay.VtepCounters;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Errors;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a {@link NettyUnderlay}. A datagram that the channel reads waits in a bounded queue until the
 * worker polls. While that queue is full, or the pool is empty, the channel does not read, and the kernel's queue
 * fills.
 */
final class NettyReceiver extends ChannelInboundHandlerAdapter implements AutoCloseable {
    private static final int WAITING = 256;
    private static final int LARGEST_DATAGRAM = 65_535;

    private final UdpSocket socket;
    private final VtepTable vteps;
    private final PacketPool pool;
    private final DropCounters drops;
    private final VtepCounters counters;
    private final EpollDatagramChannel channel;
    private final Queue<DatagramPacket> waiting = new ArrayDeque<>();
    private final ReceiveFailures failures = new ReceiveFailures();
    private @Nullable Runnable ready;
    private boolean stopped;
    private int lossesSeen;

    NettyReceiver(UdpSocket socket, VtepTable vteps, PacketPool pool, DropCounters drops, VtepCounters counters) {
        this.socket = socket;
        this.vteps = vteps;
        this.pool = pool;
        this.drops = drops;
        this.counters = counters;
        channel = new EpollDatagramChannel(socket.fd());
        channel.config().setOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LARGEST_DATAGRAM));
        channel.pipeline().addLast(this);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // on the loop's own thread this completes at once
    void register(EventLoop loop, Runnable whenReady) {
        ready = whenReady;
        loop.register(channel);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        failures.clear();
        waiting.add((DatagramPacket) message);
        if (waiting.size() >= WAITING) {
            channel.config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (ready != null) {
            ready.run();
        }
    }

    /** The channel reads on after a failure, unless its configuration forbids it. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failures.failed(cause instanceof Errors.NativeIoException failure ? failure.expectedErr() : Errno.ECONNREFUSED);
        if (failures.isBroken()) {
            channel.config().setAutoRead(false);
        }
    }

    void receiveAgain() {
        failures.clear();
        if (!stopped) {
            channel.config().setAutoRead(true);
        }
    }

    ReceiveFailures failures() {
        return failures;
    }

    void stop() {
        stopped = true;
        channel.config().setAutoRead(false);
    }

    /** Without a free buffer the worker can take nothing. */
    boolean isReady() {
        return !waiting.isEmpty() && pool.available() > 0;
    }

    int poll(Batch batch) {
        int added = 0;
        while (!waiting.isEmpty() && !batch.isFull()) {
            Packet packet = pool.acquire();
            if (packet == null) {
                break;
            }
            DatagramPacket datagram = waiting.remove();
            try {
                added += take(datagram, packet, batch);
            } finally {
                datagram.release();
            }
        }
        if (waiting.isEmpty()
                && !stopped
                && !failures.isBroken()
                && !channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
        return added;
    }

    private int take(DatagramPacket datagram, Packet packet, Batch batch) {
        ByteBuf content = datagram.content();
        int length = content.readableBytes();
        IpAddress source = IpAddress.of(datagram.sender().getAddress());
        int port = vteps.port(source.high(), source.low());
        if (port >= 0) {
            counters.received(Ports.tunnelIndex(port), 1, length);
        }
        if (length > packet.tailroom()) {
            drops.drop(packet, DropReason.UNDERLAY_TRUNCATED);
            return 0;
        }
        content.readBytes(packet.memory().asSlice(packet.offset(), length).asByteBuffer());
        packet.put(length).inPort(port).outerTos(0).outerTtl(0);
        batch.add(packet);
        return 1;
    }

    /** Adds the kernel's count of datagrams lost so far, a 32-bit number that wraps. */
    void countLosses() throws LinuxException {
        int total = (int) socket.drops();
        drops.add(DropReason.UNDERLAY_RECEIVE_OVERFLOW, Integer.toUnsignedLong(total - lossesSeen));
        lossesSeen = total;
    }

    /** The channel closes the descriptor if it was ever registered. */
    @SuppressWarnings("FutureReturnValueIgnored") // there is nothing to do about a failure to close
    @Override
    public void close() {
        if (channel.isRegistered()) {
            channel.close();
        } else {
            socket.close();
        }
        waiting.forEach(DatagramPacket::release);
        waiting.clear();
    }
}
