package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.vxlan.underlay.Arrivals;
import dev.peregrine.vxlan.underlay.Poller;
import dev.peregrine.vxlan.underlay.VtepCounters;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The underlay through Linux UDP sockets, {@code recvmmsg} and {@code sendmmsg}: one socket that receives, and up to 64
 * that only send, so that flows differ by source port. Made by {@link UnderlayPort#open}.
 *
 * <p>Belongs to one worker; any thread may call the methods that report.
 */
public final class NativeUnderlay extends OpenUnderlay {
    /** The configuration's word for it. */
    public static final String MODE = "native";

    private final Receiver receiver;
    private final Sender sender;

    NativeUnderlay(Receiver receiver, Sender sender, VtepCounters counters, int receiveBufferBytes) {
        super(receiver.failures(), sender.ports(), counters, receiveBufferBytes);
        this.receiver = receiver;
        this.sender = sender;
    }

    /** Sends without a loop. */
    @Override
    public void register(Poller poller) {}

    @Override
    public void startReceiving(Poller poller) throws IOException {
        poller.watch(fd());
    }

    /** Nothing to stop: datagrams wait in the socket until it is polled. */
    @Override
    public void stopReceiving() {}

    @Override
    public int poll(Batch batch) {
        return receiver.poll(batch);
    }

    @Override
    public void accept(Batch batch) {
        sender.send(batch);
    }

    @Override
    public int fd() {
        return receiver.socket().fd();
    }

    @Override
    public void countLosses() throws LinuxException {
        receiver.countLosses();
    }

    @Override
    public void receiveAgain() {
        receiver.failures().clear();
    }

    @Override
    public void tick() throws LinuxException {
        receiver.merging().tick();
        sender.tick();
    }

    @Override
    public void announceTo(@Nullable Arrivals arrivals) {
        receiver.announceTo(arrivals);
    }

    @Override
    public String mode() {
        return MODE;
    }

    @Override
    public List<Offload> offloads() {
        return List.of(receiver.merging().offload(), sender.segmentation().offload());
    }

    /** Closes the sockets and releases the buffers that wait for datagrams; called by the worker. */
    @Override
    public void close() {
        receiver.close();
        sender.close();
    }
}
