package dev.peregrine.dataplane.device.port;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.PriorityTag;
import dev.peregrine.dataplane.header.VlanTags;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.CountingStage;

/** Takes frames from a workload into the port's segment. Removes a priority tag, which names no VLAN. */
final class PortInStage implements CountingStage {
    private final int port;
    private final int segment;
    private final boolean carriesTags;
    private final Counters counters;

    PortInStage(int port, int segment, boolean carriesTags, Counters counters) {
        this.port = port;
        this.segment = segment;
        this.carriesTags = carriesTags;
        this.counters = counters;
    }

    @Override
    public String name() {
        return "in";
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public boolean recordsFlow() {
        return true;
    }

    @Override
    public void process(Batch batch) {
        long bytes = 0;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            bytes += packet.wireBytes();
            batch.verdict(i, enter(packet));
        }
        counters.arrived(batch.size(), batch.segments());
        counters.bytes(bytes);
    }

    private int enter(Packet packet) {
        packet.inPort(port).segment(segment);
        if (packet.headLength() < EthernetHeader.LENGTH) {
            return Verdict.drop(DropReason.INNER_HEADER_INVALID);
        }
        if (carriesTags || VlanTags.bytes(packet, 0) == 0) {
            return Verdict.forward(0);
        }
        if (!PriorityTag.isPresent(packet, 0) || VlanTags.bytes(packet, 0) > VlanTags.LENGTH) {
            return Verdict.drop(DropReason.INNER_VLAN_TAGGED);
        }
        PriorityTag.remove(packet);
        return Verdict.forward(0);
    }
}
