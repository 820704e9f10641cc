package dev.peregrine.gateway.doctor.network;

import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import dev.peregrine.gateway.doctor.probe.TrafficSample;

/** Inner TCP and UDP checksums of what arrives. */
public final class InnerChecksumsCheck implements Check {
    private final TrafficSample sample;

    /** Looks at datagrams of a sample. */
    public InnerChecksumsCheck(TrafficSample sample) {
        this.sample = sample;
    }

    @Override
    public String name() {
        return "inner-checksums";
    }

    @Override
    public String about() {
        return "Frames in the tunnel arrive with their checksums filled. A VXLAN device of the same kernel leaves them"
                + " to an offload that no network card does, and marks its packets so that `UDP_GRO` does not merge them."
                + " A sample of what arrives.";
    }

    @Override
    public Finding look(Subject subject) {
        String nothing = sample.nothing();
        if (!nothing.isEmpty()) return Finding.skip(nothing);
        String found = sample.unfilledInner() + " of " + sample.datagrams() + " frames unfilled";
        if (sample.unfilledInner() == 0) return Finding.ok(found);
        return Finding.warn(
                found + ", from " + Texts.few(sample.withoutInner())
                        + ": the gateway fills them, but nothing is merged",
                "at that end of the underlay's veth: ethtool -K DEVICE tx off");
    }
}
