package dev.peregrine.dataplane.device.bridge;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.fdb.FdbReader;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;

/**
 * Sends every frame to the port of its destination MAC, and floods it when there is no such port, unless the segment
 * drops what it does not know. Frames to the reserved group addresses of IEEE 802.1D, 01:80:c2:00:00:00 to 0f (spanning
 * tree, LACP, LLDP, 802.1X, pause), are for the bridge itself: they are dropped, unless the segment forwards them.
 */
final class ForwardStage implements Stage {
    private static final int FORWARD = Verdict.forward(0);
    private static final long RESERVED_GROUPS = 0x0180_c200_0000L;
    private static final int RESERVED_BITS = 0xf;

    private final Bridge bridge;
    private final FdbReader fdb;
    private final BridgeCounts counts = new BridgeCounts();
    private int[] forwardedGroups = {};
    private boolean[] dropsUnknown = {};

    ForwardStage(Bridge bridge) {
        this.bridge = bridge;
        fdb = bridge.fdb().reader();
    }

    @Override
    public String name() {
        return "forward";
    }

    @Override
    public boolean recordsFlow() {
        return true;
    }

    @Override
    public void process(Batch batch) {
        fdb.forget();
        forwardedGroups = bridge.forwardedGroups();
        dropsUnknown = bridge.dropsUnknown();
        for (int i = 0; i < batch.size(); i++) {
            batch.verdict(i, forward(batch.packet(i)));
        }
    }

    /** The counts of frames that this stage floods and passes on; any thread may read. */
    BridgeCounts counts() {
        return counts;
    }

    private int forward(Packet packet) {
        if (packet.etherType() == EthernetHeader.ARP || packet.protocol() == IpProtocol.ICMPV6) {
            counts.lookAt(packet);
        }
        long destination = packet.getMac(EthernetHeader.DESTINATION);
        boolean isUnicast = Fdb.isUnicast(destination);
        if (!isUnicast || !fdb.find(packet.segment(), destination)) {
            return flood(packet, destination, isUnicast);
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

    private int flood(Packet packet, long destination, boolean isUnicast) {
        int segment = packet.segment();
        if (isUnicast && segment < dropsUnknown.length && dropsUnknown[segment]) {
            return Verdict.drop(DropReason.UNKNOWN_UNICAST);
        }
        boolean isReserved = (destination & ~RESERVED_BITS) == RESERVED_GROUPS;
        if (isReserved && (forwarded(segment) >>> (destination & RESERVED_BITS) & 1) == 0) {
            return Verdict.drop(DropReason.MAC_RESERVED_GROUP);
        }
        counts.flooded(packet, isUnicast);
        return Verdict.flood(segment);
    }

    private int forwarded(int segment) {
        return segment < forwardedGroups.length ? forwardedGroups[segment] : 0;
    }
}
