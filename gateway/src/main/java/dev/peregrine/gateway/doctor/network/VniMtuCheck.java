package dev.peregrine.gateway.doctor.network;

import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import dev.peregrine.gateway.underlay.UnderlayMtu;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The MTUs of the VNIs. */
public final class VniMtuCheck implements Check {
    @Override
    public String name() {
        return "vni-mtu";
    }

    @Override
    public String about() {
        return "No VNI has an MTU that the interface and the routes of the underlay do not carry.";
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<GatewayConfig> config = subject.config();
        if (config.isEmpty()) return Finding.skip("the VNIs' MTUs are in the configuration");
        Map<Integer, OptionalInt> carried = UnderlayMtu.measure(config.get());
        int overhead = subject.overheadBytes();
        List<String> wrong = new ArrayList<>();
        List<String> right = new ArrayList<>();
        int least = Integer.MAX_VALUE;
        for (VniConfig vni : config.get().vnis()) {
            OptionalInt most = carried.getOrDefault(vni.vni(), OptionalInt.empty());
            if (most.isEmpty()) continue;
            int underlay = most.getAsInt();
            int mtu = vni.mtu().orElse(underlay - overhead);
            String text = "VNI " + vni.vni() + " " + mtu + " in " + underlay;
            if (mtu + overhead > underlay) {
                wrong.add(text);
                least = Math.min(least, underlay - overhead);
            } else {
                right.add(text);
            }
        }
        if (wrong.isEmpty() && right.isEmpty()) return Finding.skip("the underlay's MTU is not known");
        return wrong.isEmpty()
                ? Finding.ok(Texts.few(right))
                : Finding.fail(
                        Texts.few(wrong) + " with " + overhead + " bytes of headers",
                        "vnis[].mtu: auto, or at most " + least);
    }
}
