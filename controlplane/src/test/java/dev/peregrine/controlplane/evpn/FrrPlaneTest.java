package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.LocalState;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.testing.live.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without FRR. */
class FrrPlaneTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private void expect(LocalState announced, String state) {
        RecordedFeed feed = new RecordedFeed();
        try (FrrPlane plane = new FrrPlane(new FrrSettings("bgp", FrrSettings.PORT, folder, NetNamespace.current()))) {
            plane.start(feed);
            plane.announce(announced);
            Await.until(LIMIT, state, () -> feed.toString().contains(state), () -> feed);
        }
    }

    @Test
    void anUnderlayOfIpv6IsRefused() {
        LocalState ipv6 = new LocalState(EvpnLab.ip("fd18::2"), "host", "1", true, List.of(), List.of());
        expect(ipv6, "REFUSED the underlay's address is fd18::2");
    }

    @Test
    void saysThatBgpdIsNotThere() {
        expect(LocalState.nothing(EvpnLab.B, "host", "1"), "CONNECTING " + folder + "/bgpd.vty is not there");
    }
}
