package dev.peregrine.dataplane.device.port;

import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.Stage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntConsumer;

/**
 * A local port of the bridge: it attaches one workload to one segment. Workers share it and have an {@link #in} and an
 * {@link #out} stage each.
 */
public final class Port {
    private final int id;
    private final String name;
    private final int segment;
    private final boolean carriesTags;
    private final List<Counters> rx = new CopyOnWriteArrayList<>();
    private final List<Counters> tx = new CopyOnWriteArrayList<>();
    private volatile int mtu;
    private IntConsumer changed = segment -> {};

    /**
     * A port.
     *
     * @param id number of the port, from 0
     * @param name as users call it
     * @param segment index of the segment that it is in
     * @param carriesTags whether frames with a VLAN tag may come in (RFC 7348 section 6.1)
     * @param mtu bytes that a frame may have behind its Ethernet header and VLAN tags
     */
    public Port(int id, String name, int segment, boolean carriesTags, int mtu) {
        this.id = id;
        this.name = name;
        this.segment = segment;
        this.carriesTags = carriesTags;
        this.mtu = mtu;
    }

    /** Number of the port, from 0. */
    public int id() {
        return id;
    }

    /** The name that users know it by. */
    public String name() {
        return name;
    }

    /** Index of the segment that the port is in. */
    public int segment() {
        return segment;
    }

    /** Bytes that a frame may have behind its Ethernet header and VLAN tags; read once per batch. */
    public int mtu() {
        return mtu;
    }

    /**
     * Sets the MTU when the device behind the port comes up or changes; an equal MTU is no change. Called by any
     * thread.
     */
    public void mtu(int bytes) {
        if (bytes != mtu) {
            mtu = bytes;
            changed.accept(segment);
        }
    }

    /** Reports that the device behind the port has gone or come. */
    public void announceChange() {
        changed.accept(segment);
    }

    /**
     * Sets the listener that receives the port's segment after a change of the port that earlier decisions may
     * contradict, on the thread that made the change. Set before workers start.
     */
    public void onChange(IntConsumer listener) {
        changed = listener;
    }

    /** A worker's stage for frames from the workload. Its only exit leads to the bridge. */
    public Stage in() {
        Counters counters = new Counters();
        rx.add(counters);
        return new PortInStage(id, segment, carriesTags, counters);
    }

    /** A worker's stage for frames to the workload. Its only exit leads to the endpoint. */
    public Stage out() {
        Counters counters = new Counters();
        tx.add(counters);
        return new PortOutStage(this, counters);
    }

    /** Wire packets that the workload sent, including dropped ones; any thread. */
    public long rxPackets() {
        return packets(rx);
    }

    /** Wire bytes that the workload sent; any thread. */
    public long rxBytes() {
        return bytes(rx);
    }

    /** Wire packets that went to the endpoint, which may still drop them; any thread. */
    public long txPackets() {
        return packets(tx);
    }

    /** Wire bytes that went to the endpoint; any thread. */
    public long txBytes() {
        return bytes(tx);
    }

    private static long packets(List<Counters> workers) {
        long sum = 0;
        for (Counters worker : workers) {
            sum += worker.segments();
        }
        return sum;
    }

    private static long bytes(List<Counters> workers) {
        long sum = 0;
        for (Counters worker : workers) {
            sum += worker.bytes();
        }
        return sum;
    }
}
