package dev.peregrine.controlplane.evpn;

import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.testkit.live.Frr;
import java.util.regex.Pattern;

/**
 * At B, FRR and an {@link FrrPlane}.
 *
 * <pre>
 *  B: pgb42 | pgv42 (UDP 14789) | pgp42
 * </pre>
 */
final class EvpnLab extends EvpnHosts {
    private static final String PASSWORD = "only-here";
    private static final Pattern SHADOW = Pattern.compile("(?m)^\\d+: pg[bvpq]\\d+[:@]");

    final Frr frrB;
    FrrPlane plane;

    /** With VNI 42 at both ends, and the plane live. */
    EvpnLab() {
        super(Frr.isInstalled() ? null : "FRR is not installed (apt-get install frr)", PASSWORD, 1);
        frrB = Frr.start(hostB, configuration(VTEP_B, VTEP_A, PASSWORD));
        plane = startPlane();
        announce(1);
        awaitLive();
    }

    FrrPlane startPlane() {
        FrrPlane started = new FrrPlane(new FrrSettings("bgp", FrrSettings.PORT, frrB.folder(), hostB.netNamespace()));
        started.start(feed);
        return started;
    }

    @Override
    public FrrPlane plane() {
        return plane;
    }

    @Override
    protected String account() {
        return view(frrB) + frrB.bgpd();
    }

    /** The number of an interface. */
    static int index(Namespace host, String device) {
        return Integer.parseInt(
                host.output("cat", "/sys/class/net/" + device + "/ifindex").strip());
    }

    /** How many shadow devices there are at B. */
    long shadowsAtB() {
        return SHADOW.matcher(hostB.ip("-o link")).results().count();
    }

    @Override
    public void close() {
        plane.close();
        frrB.close();
        super.close();
    }
}
