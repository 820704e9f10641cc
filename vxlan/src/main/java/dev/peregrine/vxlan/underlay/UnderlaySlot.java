package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.vxlan.RemoteVtep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The place of the underlay's sockets in one worker's graph. Sockets come and go with the interface and the address
 * that they are bound to; the graph and the counts stay. While the slot is empty, packets for it are dropped as {@link
 * DropReason#UNDERLAY_DOWN}. Belongs to one worker; any thread may call the methods that report, and those of an empty
 * slot report the last state.
 */
public final class UnderlaySlot implements SocketUnderlay {
    private final String mode;
    private final DropCounters drops;
    private final VtepCounters counters;
    private @Nullable SocketUnderlay sockets;
    private @Nullable Arrivals arrivals;
    private volatile @Nullable SocketUnderlay last;

    /**
     * An empty slot.
     *
     * @param mode of the sockets that will be put in
     * @param vteps all indices of VTEPs are below it
     * @param drops counts the packets that find the slot empty
     */
    public UnderlaySlot(String mode, int vteps, DropCounters drops) {
        this.mode = mode;
        this.drops = drops;
        counters = new VtepCounters(vteps);
    }

    /** Puts sockets in, which count in {@link #vtepCounters}; the slot must be empty. On the worker's thread. */
    public void attach(SocketUnderlay opened) {
        assert sockets == null : "the slot is taken";
        if (arrivals != null) {
            opened.announceTo(arrivals);
        }
        sockets = opened;
        last = opened;
    }

    @Override
    public int poll(Batch batch) {
        return sockets == null ? 0 : sockets.poll(batch);
    }

    @Override
    public boolean isReady() {
        return sockets != null && sockets.isReady();
    }

    @Override
    public void accept(Batch batch) {
        if (sockets != null) {
            sockets.accept(batch);
            return;
        }
        drops.drop(batch, DropReason.UNDERLAY_DOWN);
    }

    @Override
    public int fd() {
        return sockets == null ? -1 : sockets.fd();
    }

    @Override
    public void countLosses() throws LinuxException {
        if (sockets != null) {
            sockets.countLosses();
        }
    }

    @Override
    public void receiveAgain() {
        if (sockets != null) {
            sockets.receiveAgain();
        }
    }

    @Override
    public int sourcePort(int flowHash, RemoteVtep vtep) throws LinuxException {
        return sockets == null ? 0 : sockets.sourcePort(flowHash, vtep);
    }

    /** Also of those that sockets receive which come later. */
    @Override
    public void announceTo(@Nullable Arrivals listener) {
        arrivals = listener;
        if (sockets != null) {
            sockets.announceTo(listener);
        }
    }

    @Override
    public void tick() throws LinuxException {
        if (sockets != null) {
            sockets.tick();
        }
    }

    /**
     * Empties the slot: closes the sockets, if there are any, and counts the datagrams that the kernel has dropped
     * there.
     */
    @Override
    public void close() {
        SocketUnderlay open = sockets;
        if (open == null) {
            return;
        }
        sockets = null;
        try {
            open.countLosses();
        } catch (LinuxException e) {
            // The socket is closed all the same.
        }
        open.close();
    }

    // ---- reports ----------------------------------------------------------------------------------------------

    @Override
    public String mode() {
        return mode;
    }

    @Override
    public List<Offload> offloads() {
        SocketUnderlay known = last;
        return known == null ? List.of() : known.offloads();
    }

    @Override
    public @Nullable ReceiveFailure receiveFailure() {
        SocketUnderlay known = last;
        return known == null ? null : known.receiveFailure();
    }

    @Override
    public boolean isBroken() {
        SocketUnderlay known = last;
        return known != null && known.isBroken();
    }

    @Override
    public VtepCounters vtepCounters() {
        return counters;
    }

    @Override
    public int receiveBufferBytes() {
        SocketUnderlay known = last;
        return known == null ? 0 : known.receiveBufferBytes();
    }

    @Override
    public int sourcePorts() {
        SocketUnderlay known = last;
        return known == null ? 0 : known.sourcePorts();
    }

    @Override
    public int sendBufferBytes() {
        SocketUnderlay known = last;
        return known == null ? 0 : known.sendBufferBytes();
    }

    @Override
    public int sendBufferWantedBytes() {
        SocketUnderlay known = last;
        return known == null ? 0 : known.sendBufferWantedBytes();
    }
}
