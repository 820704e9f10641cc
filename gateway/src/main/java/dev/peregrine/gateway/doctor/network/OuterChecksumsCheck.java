package dev.peregrine.gateway.doctor.network;

import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import dev.peregrine.gateway.doctor.probe.TrafficSample;
import java.util.Optional;

/** Outer UDP checksums, of what is sent and of what arrives. */
public final class OuterChecksumsCheck implements Check {
    private final TrafficSample sample;

    /** Looks at datagrams of a sample. */
    public OuterChecksumsCheck(TrafficSample sample) {
        this.sample = sample;
    }

    @Override
    public String name() {
        return "outer-checksums";
    }

    @Override
    public String about() {
        return "VXLAN datagrams have an outer UDP checksum, sent and received: without one the kernel neither cuts"
                + " (`UDP_SEGMENT`) nor merges (`UDP_GRO`) them. A sample of what arrives.";
    }

    @Override
    public Finding look(Subject subject) {
        Optional<UnderlayConfig> sendsNone =
                subject.config().map(GatewayConfig::underlay).filter(underlay -> !underlay.sendsChecksum());
        if (sendsNone.isPresent()) {
            String key = sendsNone.get().checksumKey();
            return Finding.warn(
                    key + " is off: datagrams are sent one by one, and the receiver cannot merge them", key + ": on");
        }
        String nothing = sample.nothing();
        if (!nothing.isEmpty()) return Finding.skip(nothing);
        String found = sample.zeroOuter() + " of " + sample.datagrams() + " datagrams without one";
        if (sample.zeroOuter() == 0) return Finding.ok(found);
        return Finding.warn(
                found + ", from " + Texts.few(sample.withoutOuter()) + ": the kernel does not merge them",
                "there: ip link add … type vxlan … udpcsum (udp6zerocsumtx off), Open vSwitch options:csum=true,"
                        + " Peregrine checksum: on");
    }
}
