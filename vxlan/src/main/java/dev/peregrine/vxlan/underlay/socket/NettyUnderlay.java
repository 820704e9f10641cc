package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.vxlan.underlay.Poller;
import dev.peregrine.vxlan.underlay.VtepCounters;
import java.util.List;

/**
 * The underlay through Netty's {@code EpollDatagramChannel}: the reference mode, one datagram for each system call,
 * with sockets set up as those of {@link NativeUnderlay}. May allocate. Made by {@link UnderlayPort#openNetty}.
 *
 * <p>Netty does not report a received datagram's TOS and TTL: they are 0, so decap cannot copy congestion marks of the
 * underlay. Nor does it leave the error queue to the application, so the kernel reports neither ICMP errors nor
 * datagrams that a device's queue refused. This mode does not count those losses.
 *
 * <p>Belongs to one worker, whose event loop also runs the channels; any thread may call the methods that report.
 */
public final class NettyUnderlay extends OpenUnderlay {
    /** The configuration's word for it. */
    public static final String MODE = "netty";

    private static final String REASON = "Netty's datagram channel (mode: netty)";

    private final NettyReceiver receiver;
    private final NettySender sender;

    NettyUnderlay(NettyReceiver receiver, NettySender sender, VtepCounters counters, int receiveBufferBytes) {
        super(receiver.failures(), sender.ports(), counters, receiveBufferBytes);
        this.receiver = receiver;
        this.sender = sender;
    }

    /** Lets the event loop run the channels that send. */
    @Override
    public void register(Poller poller) {
        sender.register(poller.loop());
    }

    /** Lets the event loop run the channel that receives. */
    @Override
    public void startReceiving(Poller poller) {
        receiver.register(poller.loop(), poller::ready);
    }

    @Override
    public void stopReceiving() {
        receiver.stop();
    }

    @Override
    public String mode() {
        return MODE;
    }

    @Override
    public int poll(Batch batch) {
        return receiver.poll(batch);
    }

    @Override
    public boolean isReady() {
        return receiver.isReady();
    }

    @Override
    public void accept(Batch batch) {
        sender.send(batch);
    }

    /** None to watch: the channels watch their own. */
    @Override
    public int fd() {
        return -1;
    }

    @Override
    public void countLosses() throws LinuxException {
        receiver.countLosses();
    }

    @Override
    public void tick() throws LinuxException {
        sender.tick();
    }

    @Override
    public List<Offload> offloads() {
        return List.of(new Offload("gro", false, REASON), new Offload("gso", false, REASON));
    }

    @Override
    public void receiveAgain() {
        receiver.receiveAgain();
    }

    /** Closes the sockets and releases the datagrams that wait; called by the worker. */
    @Override
    public void close() {
        receiver.close();
        sender.close();
    }
}
