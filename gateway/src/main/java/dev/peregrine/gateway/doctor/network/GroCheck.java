package dev.peregrine.gateway.doctor.network;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.socket.DeviceFeatures;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import java.io.IOException;
import java.util.Optional;

/** GRO at the underlay's interface. */
public final class GroCheck implements Check {
    @Override
    public String name() {
        return "gro";
    }

    @Override
    public String about() {
        return "The underlay's interface merges what arrives (`rx-gro`), or else `UDP_GRO` has nothing to merge.";
    }

    private static final String FEATURE = "rx-gro";

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<Link> link = subject.link();
        if (link.isEmpty()) return Finding.skip("the underlay's interface is not known");
        String device = link.get().name();
        if (link.get().isLoopback()) return Finding.skip(device + " carries superframes whole");
        return DeviceFeatures.active(device).contains(FEATURE)
                ? Finding.ok(FEATURE + " on at " + device)
                : Finding.warn(
                        FEATURE + " off at " + device + ": every datagram takes a receive call's place of its own",
                        "ethtool -K " + device + " gro on");
    }
}
