package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.evpn.FrrConfiguration;
import dev.peregrine.controlplane.evpn.GobgpApi;
import dev.peregrine.controlplane.evpn.GobgpSettings;
import dev.peregrine.controlplane.evpn.RecordedFeed;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.testkit.live.Frr;
import dev.peregrine.testkit.live.Gobgpd;
import dev.peregrine.vxlan.IpAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * Two hosts: A with FRR and the kernel's VXLAN, as any EVPN VTEP of Linux has them, B with gobgpd and a
 * {@link GobgpPlane}.
 *
 * <pre>
 *  A: br42 | vx42 | p42, br43 | vx43 | p43     198.18.1.1 ══ 198.18.1.2     B: gobgpd
 * </pre>
 */
final class GobgpLab implements AutoCloseable {
    static final int VNI = 42;
    static final String VTEP_A = "198.18.1.1";
    static final String VTEP_B = "198.18.1.2";
    static final IpAddress A = ip(VTEP_A);
    static final IpAddress B = ip(VTEP_B);
    static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int AS = 65001;

    final Namespace hostA;
    final Namespace hostB;
    final Frr frrA;
    final Gobgpd gobgpd;
    final RecordedFeed feed = new RecordedFeed();

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
        boolean isWhole = Frr.isInstalled() && Gobgpd.isInstalled();
        if (!isWhole) {
            System.err.println("SKIPPED a live test: FRR or GoBGP is not installed (apt-get install frr gobgpd)");
        }
        Assumptions.assumeTrue(isWhole, "FRR or GoBGP is not installed");
        hostA = Live.namespace().quiet();
        hostB = Live.namespace().quiet();
        hostA.ip("link add uA type veth peer name uB netns " + hostB);
        address(hostA, "uA", VTEP_A);
        address(hostB, "uB", VTEP_B);
        hostB.ip("link set lo up");
        kernelVtep(VNI);
        kernelVtep(VNI + 1);
        frrA = Frr.start(hostA, configuration());
        gobgpd = Gobgpd.start(hostB, AS, VTEP_B, VTEP_A, AS);
    }

    GobgpPlane plane() {
        return Objects.requireNonNull(started, "startPlane was called");
    }

    private static String configuration() {
        FrrConfiguration.Peer peer = new FrrConfiguration.Peer(ip(VTEP_B).toInetAddress(), AS, null);
        return new FrrConfiguration(AS, (Inet4Address) A.toInetAddress(), List.of(peer), 1, 3).text();
    }

    private static void address(Namespace host, String device, String address) {
        host.ip("address add " + address + "/30 dev " + device);
        host.ip("link set " + device + " up");
    }

    private void kernelVtep(int vni) {
        hostA.ip("link add br%d type bridge mcast_snooping 0".formatted(vni));
        hostA.ip("link add vx%d type vxlan id %d local %s dstport 4789 nolearning".formatted(vni, vni, VTEP_A));
        hostA.ip("link add p%d type veth peer name p%dx".formatted(vni, vni));
        for (String port : List.of("vx" + vni, "p" + vni)) hostA.ip("link set " + port + " master br" + vni + " up");
        hostA.ip("link set p" + vni + "x up");
        hostA.output("bridge", "link", "set", "dev", "vx" + vni, "learning", "off");
        hostA.ip("link set br" + vni + " up");
    }

    void startPlane() {
        GobgpApi api = Objects.requireNonNull(GobgpApi.parse(gobgpd.api()));
        started = new GobgpPlane(new GobgpSettings("bgp", api, OptionalLong.empty(), GobgpSettings.MANY_MACS));
        started.start(feed);
    }

    static IpAddress ip(String text) {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    static Claim.StationKey station(long mac) {
        return new Claim.StationKey(VNI, mac, A);
    }

    static Claim.Station own(int vni, long mac, int sequence, String... addresses) {
        List<IpAddress> parsed = Stream.of(addresses).map(GobgpLab::ip).toList();
        return new Claim.Station(vni, mac, B, sequence, false, parsed);
    }

    /** Has the plane announce VNIs from 42 on, and stations. */
    void announce(int vnis, Claim.Station... stations) {
        announce(vnis, List.of(stations));
    }

    void announce(int vnis, List<Claim.Station> stations) {
        List<Claim.Member> members = IntStream.range(VNI, VNI + vnis)
                .mapToObj(vni -> new Claim.Member(vni, B, true))
                .toList();
        plane().announce(new LocalState(B, "hostB", "1", true, members, stations));
    }

    void awaitLive() {
        await("the plane to be live", () -> feed.state() == PlaneState.LIVE);
    }

    void await(String what, BooleanSupplier condition) {
        Await.until(
                PATIENCE,
                what,
                condition,
                () -> feed + "\n" + frrA.show("show evpn mac vni all") + frrA.show("show bgp l2vpn evpn summary")
                        + gobgpd.process());
    }

    /** Makes or removes a station at A, as if it were on port p42. */
    void stationAtA(String verb, String mac) {
        hostA.output("bridge", "fdb", verb, mac, "dev", "p42", "master", "static");
    }

    String forwardingAtA() {
        return forwardingAtA(VNI);
    }

    String forwardingAtA(int vni) {
        return hostA.output("bridge", "fdb", "show", "dev", "vx" + vni);
    }

    @Override
    public void close() {
        if (started != null) started.close();
        gobgpd.close();
        frrA.close();
        hostA.close();
        hostB.close();
    }
}
