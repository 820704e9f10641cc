package dev.peregrine.gateway.doctor.network;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.RunningGateway;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Drops that a setting may cure. */
public final class LossesCheck implements Check {
    @Override
    public String name() {
        return "losses";
    }

    @Override
    public String about() {
        return "Nothing is dropped for a reason that a setting cures: wrong checksums, full queues, senders and VNIs that are not configured.";
    }

    /** Of what was received, the share of full queues that is worth a word. */
    private static final double MUCH = 0.001;

    private static final Map<DropReason, String> REMEDIES = remedies();

    private static Map<DropReason, String> remedies() {
        Map<DropReason, String> remedies = new EnumMap<>(DropReason.class);
        remedies.put(
                DropReason.UNDERLAY_CHECKSUM, "something damages datagrams: at the sender ethtool -K DEVICE tx off");
        remedies.put(
                DropReason.UNDERLAY_RECEIVE_OVERFLOW,
                "a CPU of its own for the worker (workers.cpus), or a larger underlay.receiveBuffer");
        remedies.put(DropReason.TAP_TRANSMIT_OVERFLOW, "a CPU of its own for the worker (workers.cpus)");
        remedies.put(DropReason.INTERFACE_RECEIVE_OVERFLOW, "a CPU of its own for the worker (workers.cpus)");
        remedies.put(
                DropReason.UNDERLAY_AMBIGUOUS, "underlay: {offload: {gro: wire}} if it receives from a wire alone");
        remedies.put(
                DropReason.VTEP_NOT_ALLOWED, "add the sender to flood or underlay.allow: peregrine vtep list, the log");
        remedies.put(DropReason.VXLAN_VNI_NOT_FOUND, "compare the VNIs of both ends: tcpdump -nv udp port 4789");
        remedies.put(DropReason.SUPERFRAME_UNSUPPORTED, "ethtool -K DEVICE gro off lro off, at that port");
        remedies.put(DropReason.SUPERFRAME_SEGMENTS, "ethtool -K DEVICE tso off tx-udp-segmentation off, at that port");
        remedies.put(DropReason.SUPERFRAME_TOO_LONG, "ip link set DEVICE gso_max_size 65536 gro_max_size 65536");
        remedies.put(DropReason.STAGE_FAILED, "a bug: report it with the log");
        return remedies;
    }

    @Override
    public Finding look(Subject subject) {
        Optional<RunningGateway> gateway = subject.gateway();
        if (gateway.isEmpty()) return Finding.skip("no gateway runs that counts drops");
        double received = gateway.get().status().path("rxPackets").asDouble();
        List<String> found = new ArrayList<>();
        List<String> remedies = new ArrayList<>();
        REMEDIES.forEach((reason, remedy) -> {
            long count = gateway.get().dropped(reason.name());
            boolean isQueue = reason.name().endsWith("_OVERFLOW");
            if (count > 0 && (!isQueue || count > MUCH * received)) {
                found.add(reason + " " + count);
                remedies.add(remedy);
            }
        });
        return found.isEmpty()
                ? Finding.ok(gateway.get().status().path("drops").asLong() + " drops, none of them of settings")
                : Finding.warn(Texts.few(found) + " since the start", remedies.getFirst());
    }
}
