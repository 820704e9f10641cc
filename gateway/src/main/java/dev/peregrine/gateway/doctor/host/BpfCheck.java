package dev.peregrine.gateway.doctor.host;

import dev.peregrine.dataplane.bpf.BpfSupport;
import dev.peregrine.dataplane.endpoint.device.QueueSteering;
import dev.peregrine.gateway.config.model.TapPortConfig;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;

/** The programs that join veth ports, and those that keep flows on their queues. */
public final class BpfCheck implements Check {
    @Override
    public String name() {
        return "bpf";
    }

    @Override
    public String about() {
        return "BPF programs can be loaded: ports of type `veth` want them at interfaces, ports with several"
                + " `queues` at their TAP devices.";
    }

    @Override
    public Finding look(Subject subject) {
        if (subject.ports().stream().noneMatch(BpfCheck::isVeth)) {
            return queues(subject);
        }
        BpfSupport support = BpfSupport.probe();
        if (!support.programs().isEmpty()) {
            return Finding.fail(
                    "no veth port can be joined: " + support.programs(),
                    "run as root, or systemctl edit peregrine: the lines of docs/veth-ports.md; or ports of type tap");
        }
        return support.isComplete()
                ? Finding.ok("programs can be loaded and attached")
                : Finding.ok("programs can be loaded, and attached as cls_bpf filters: " + support.tcx());
    }

    private static Finding queues(Subject subject) {
        if (subject.ports().stream().noneMatch(port -> port.queues() > 1)) {
            return Finding.skip("the configuration has no veth port, and none with several queues");
        }
        try (QueueSteering steering = QueueSteering.of(2)) {
            return steering.obstacle().isEmpty()
                    ? Finding.ok("programs that choose queues can be loaded")
                    : Finding.warn(
                            "flows may change their queues, and their frames overtake each other: "
                                    + steering.obstacle(),
                            "run as root, or systemctl edit peregrine: the lines of docs/veth-ports.md; or queues: 1");
        }
    }

    static boolean isVeth(Object port) {
        return port instanceof TapPortConfig tap && tap.kind() == TapPortConfig.Kind.VETH;
    }
}
