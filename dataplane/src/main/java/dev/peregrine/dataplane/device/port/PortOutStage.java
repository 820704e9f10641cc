package dev.peregrine.dataplane.device.port;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.VlanTags;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.CountingStage;

/** Lets frames that fit the port's MTU out to its workload. */
final class PortOutStage implements CountingStage {
    private final Port port;
    private final Counters counters;

    PortOutStage(Port port, Counters counters) {
        this.port = port;
        this.counters = counters;
    }

    @Override
    public String name() {
        return "out";
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
        int mtu = port.mtu();
        int packets = 0;
        int segments = 0;
        long bytes = 0;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            if (fits(packet, mtu)) {
                packets++;
                segments += packet.wirePackets();
                bytes += packet.wireBytes();
                FlowRecording recording = packet.recording();
                if (recording != null) {
                    recording.limit((long) mtu + EthernetHeader.LENGTH + VlanTags.bytes(packet, 0));
                }
                batch.verdict(i, Verdict.forward(0));
            } else {
                batch.verdict(i, Verdict.drop(DropReason.MTU_EXCEEDED));
            }
        }
        counters.arrived(packets, segments);
        counters.bytes(bytes);
    }

    private static boolean fits(Packet packet, int mtu) {
        int payload = packet.wireLength() - EthernetHeader.LENGTH;
        return payload <= mtu || payload - VlanTags.bytes(packet, 0) <= mtu;
    }
}
