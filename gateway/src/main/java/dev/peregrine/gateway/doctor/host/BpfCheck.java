package dev.peregrine.gateway.doctor.host;

import dev.peregrine.dataplane.bpf.BpfSupport;
import dev.peregrine.gateway.config.model.TapPortConfig;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;

/** The programs that join veth ports. */
public final class BpfCheck implements Check {
    @Override
    public String name() {
        return "bpf";
    }

    @Override
    public String about() {
        return "BPF programs can be loaded and attached to interfaces, as ports of type `veth` want it.";
    }

    @Override
    public Finding look(Subject subject) {
        if (subject.ports().stream().noneMatch(BpfCheck::isVeth)) {
            return Finding.skip("the configuration has no veth port");
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

    static boolean isVeth(Object port) {
        return port instanceof TapPortConfig tap && tap.kind() == TapPortConfig.Kind.VETH;
    }
}
