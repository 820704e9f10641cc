package dev.peregrine.vxlan;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;

/**
 * Checks frames against their segment and encapsulates them, as {@link Encapsulation} does. Expects dissected inner
 * frames with segment and egress port set.
 */
final class EncapStage implements Stage {
    private static final int FORWARD = Verdict.forward(0);

    private final Vtep vtep;
    private final InnerFrame inner = new InnerFrame();
    private SegmentTable segments;
    private TunnelSettings settings;
    private Encapsulation[] encapsulations;

    @SuppressWarnings("NullAway.Init") // prepare sets the rest
    EncapStage(Vtep vtep) {
        this.vtep = vtep;
        prepare(vtep.segments(), vtep.settings());
    }

    @Override
    public String name() {
        return "encap";
    }

    @Override
    public boolean recordsFlow() {
        return true;
    }

    @Override
    public void process(Batch batch) {
        if (segments != vtep.segments() || !settings.equals(vtep.settings())) {
            prepare(vtep.segments(), vtep.settings());
        }
        for (int i = 0; i < batch.size(); i++) {
            batch.verdict(i, encap(batch.packet(i)));
        }
    }

    /** Makes the headers of all segments, after new tables were published. */
    private void prepare(SegmentTable table, TunnelSettings newSettings) {
        segments = table;
        settings = newSettings;
        encapsulations = new Encapsulation[table.indices()];
        for (int segment = 0; segment < encapsulations.length; segment++) {
            if (table.contains(segment)) {
                encapsulations[segment] = new Encapsulation(table.vni(segment), newSettings);
            }
        }
    }

    private int encap(Packet packet) {
        int segment = packet.segment();
        if (!segments.contains(segment)) {
            return Verdict.drop(DropReason.VXLAN_VNI_NOT_FOUND);
        }
        inner.wrap(packet, 0);
        if (inner.tagBytes() > 0 && !segments.carriesTags(segment)) {
            return Verdict.drop(DropReason.INNER_VLAN_TAGGED);
        }
        int largest = segments.mtu(segment) + EthernetHeader.LENGTH + inner.tagBytes();
        if (packet.wireLength() > largest) {
            return Verdict.drop(DropReason.MTU_EXCEEDED);
        }
        Encapsulation encapsulation = encapsulations[segment];
        if (inner.isIp() && inner.hasValidIpHeader()) {
            encapsulation.apply(packet);
        } else {
            encapsulation.applyToOther(packet);
        }
        FlowRecording recording = packet.recording();
        if (recording != null) {
            recording.rewrite(encapsulation);
            recording.limit(largest);
        }
        return FORWARD;
    }
}
