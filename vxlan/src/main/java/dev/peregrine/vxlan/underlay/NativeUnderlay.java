package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.linux.LinuxException;
import dev.peregrine.dataplane.packet.Batch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The underlay through Linux UDP sockets, {@code recvmmsg} and {@code sendmmsg}: one socket that receives, and up to 64
 * that only send, so that flows differ by source port. Made by {@link UnderlayPort#open}.
 *
 * <p>Belongs to one worker; the methods that report may be called by any thread.
 */
public final class NativeUnderlay implements Underlay {
    private final Receiver receiver;
    private final Sender sender;
    private final DatagramQueue queue;
    private final VtepCounters counters;
    private final Offload gro;
    private final int receiveBufferBytes;

    NativeUnderlay(
            Receiver receiver,
            Sender sender,
            DatagramQueue queue,
            VtepCounters counters,
            Offload gro,
            int receiveBufferBytes) {
        this.receiver = receiver;
        this.sender = sender;
        this.queue = queue;
        this.counters = counters;
        this.gro = gro;
        this.receiveBufferBytes = receiveBufferBytes;
    }

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

    /** Counts the datagrams that the kernel dropped since the last call. Called now and then by the worker. */
    public void countLosses() throws LinuxException {
        receiver.countLosses();
    }

    // ---- reports ----------------------------------------------------------------------------------------------

    /** Which offloads are in use, and why; may change while packets are sent. */
    public List<Offload> offloads() {
        return List.of(gro, queue.gso());
    }

    /** The last refusal to send; null when there was none. */
    public @Nullable Refusal lastRefusal() {
        return queue.refusal();
    }

    /** Datagrams and bytes by remote VTEP. */
    public VtepCounters vtepCounters() {
        return counters;
    }

    /** The size of the receive queue that the kernel granted, in bytes. */
    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    /** How many UDP source ports flows are spread over. */
    public int sourcePorts() {
        return sender.sourcePorts();
    }

    /** Closes the sockets and releases the buffers that wait for datagrams; called by the worker. */
    @Override
    public void close() {
        receiver.close();
        sender.close();
    }
}
