package dev.peregrine.dataplane.device;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;

/** Sends every frame to the port of its destination MAC, and floods it when there is no such port. */
final class ForwardStage implements Stage {
    private static final int DESTINATION = 0;
    private static final int FORWARD = Verdict.forward(0);

    private final Bridge bridge;
    private final FdbReader fdb;

    ForwardStage(Bridge bridge) {
        this.bridge = bridge;
        fdb = bridge.fdb().reader();
    }

    @Override
    public String name() {
        return "forward";
    }

    @Override
    public boolean leavesTrail() {
        return true;
    }

    @Override
    public void process(Batch batch) {
        fdb.forget();
        for (int i = 0; i < batch.size(); i++) {
            batch.verdict(i, forward(batch.packet(i)));
        }
    }

    private int forward(Packet packet) {
        long destination = packet.getMac(DESTINATION);
        if (!Fdb.isUnicast(destination) || !fdb.find(packet.segment(), destination)) {
            return Verdict.flood(packet.segment());
        }
        int port = fdb.port();
        int inPort = packet.inPort();
        if (port == inPort) {
            return Verdict.drop(DropReason.SAME_PORT);
        }
        if (Ports.isTunnel(port) && Ports.isTunnel(inPort)) {
            return Verdict.drop(DropReason.TUNNEL_TO_TUNNEL);
        }
        if (!bridge.hasExit(port)) {
            return Verdict.drop(DropReason.PORT_UNKNOWN);
        }
        packet.outPort(port);
        return FORWARD;
    }
}
