package dev.peregrine.gateway.doctor.network;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.socket.DeviceFeatures;
import dev.peregrine.gateway.config.model.InterfacePortConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** GRO of UDP at interface ports. */
public final class GroForwardingCheck implements Check {
    @Override
    public String name() {
        return "udp-gro-forwarding";
    }

    @Override
    public String about() {
        return "Interface ports merge UDP that they forward (`rx-udp-gro-forwarding`): without, the kernel merges only TCP there.";
    }

    private static final String FEATURE = "rx-udp-gro-forwarding";

    @Override
    public Finding look(Subject subject) throws IOException {
        List<String> without = new ArrayList<>();
        List<String> remedies = new ArrayList<>();
        int looked = 0;
        for (PortConfig port : subject.ports()) {
            if (!(port instanceof InterfacePortConfig nic)) continue;
            NetNamespace namespace = nic.netns().map(NetNamespace::of).orElseGet(NetNamespace::current);
            Set<String> active = namespace.call(() -> DeviceFeatures.active(nic.device()));
            looked++;
            if (active.contains(FEATURE)) continue;
            without.add(nic.device() + " of port " + nic.name());
            remedies.add(nic.netns().map(name -> "ip netns exec " + name + " ").orElse("") + "ethtool -K "
                    + nic.device() + " gro on " + FEATURE + " on");
        }
        if (looked == 0) return Finding.skip("the configuration has no interface port");
        return without.isEmpty()
                ? Finding.ok("on at " + Texts.count(looked, "interface"))
                : Finding.warn("off at " + Texts.few(without) + ": UDP enters packet by packet", remedies.getFirst());
    }
}
