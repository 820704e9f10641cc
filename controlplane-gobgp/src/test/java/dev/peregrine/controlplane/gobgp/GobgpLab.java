package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.evpn.EvpnHosts;
import dev.peregrine.controlplane.evpn.GobgpApi;
import dev.peregrine.controlplane.evpn.GobgpSettings;
import dev.peregrine.testkit.live.Frr;
import dev.peregrine.testkit.live.Gobgpd;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** At B, gobgpd and a {@link GobgpPlane}; at A, a second VNI. */
final class GobgpLab extends EvpnHosts {
    final Gobgpd gobgpd;

    @Nullable
    GobgpPlane started;

    /** With VNI 42 at both ends, and the plane live. */
    static GobgpLab withPlane() {
        GobgpLab lab = new GobgpLab();
        lab.startPlane();
        lab.announce(1);
        lab.awaitLive();
        return lab;
    }

    /** With nothing that uses gobgpd. */
    GobgpLab() {
        super(lacking(), null, 2);
        gobgpd = Gobgpd.start(hostB, AS, VTEP_B, VTEP_A, AS);
    }

    private static @Nullable String lacking() {
        boolean isWhole = Frr.isInstalled() && Gobgpd.isInstalled();
        return isWhole ? null : "FRR or GoBGP is not installed (apt-get install frr gobgpd)";
    }

    void startPlane() {
        GobgpApi api = Objects.requireNonNull(GobgpApi.parse(gobgpd.api()));
        started = new GobgpPlane(new GobgpSettings("bgp", api, OptionalLong.empty(), GobgpSettings.MANY_MACS));
        started.start(feed);
    }

    @Override
    public GobgpPlane plane() {
        return Objects.requireNonNull(started, "startPlane was called");
    }

    @Override
    protected String account() {
        return view(frrA) + gobgpd.process();
    }

    @Override
    public void close() {
        if (started != null) started.close();
        gobgpd.close();
        super.close();
    }
}
