package dev.peregrine.vxlan;

import dev.peregrine.dataplane.stage.Stage;

/**
 * This VTEP as a virtual device: removes the VXLAN header of received datagrams ({@code decap}) and puts it in front of
 * frames to be sent ({@code encap}).
 *
 * <p>The control thread publishes segments and settings; the stages, one pair for each worker, read them once per
 * batch.
 */
public final class Vtep {
    private final Rejections rejections = new Rejections();
    private volatile SegmentTable segments = SegmentTable.EMPTY;
    private volatile TunnelSettings settings;
    private Runnable changed = () -> {};

    /** A VTEP without segments. */
    public Vtep(TunnelSettings settings) {
        this.settings = settings;
    }

    /** The segments as they are now. */
    public SegmentTable segments() {
        return segments;
    }

    /**
     * The VNIs that are not here and came in datagrams of allowed VTEPs, with their tunnel ports; any thread may ask.
     */
    public Rejections rejections() {
        return rejections;
    }

    /** Publishes the segments. */
    public void segments(SegmentTable table) {
        segments = table;
        changed.run();
    }

    /** The settings as they are now. */
    public TunnelSettings settings() {
        return settings;
    }

    /** Publishes the settings. */
    public void settings(TunnelSettings settings) {
        this.settings = settings;
        changed.run();
    }

    /**
     * Sets a listener that is called after segments or settings have changed: earlier decisions may contradict them.
     * Set before workers start.
     */
    public void onChange(Runnable listener) {
        changed = listener;
    }

    /** One worker's decap stage: exit 0 takes inner frames, with segment and ingress port set. */
    public Stage decap() {
        return new DecapStage(this);
    }

    /** One worker's encap stage: exit 0 takes VXLAN datagrams, with egress port and outer TOS and TTL set. */
    public Stage encap() {
        return new EncapStage(this);
    }
}
