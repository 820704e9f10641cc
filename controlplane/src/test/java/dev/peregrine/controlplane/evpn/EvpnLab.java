package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.testkit.live.Frr;
import dev.peregrine.vxlan.IpAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Two hosts: A with FRR and the kernel's VXLAN, as any EVPN VTEP of Linux has them, B with FRR and an {@link FrrPlane}.
 *
 * <pre>
 *  A: br42 | vx42 (UDP 4789) | p42     198.18.1.1 ══ 198.18.1.2     B: pgb42 | pgv42 (UDP 14789) | pgp42
 * </pre>
 */
final class EvpnLab implements AutoCloseable {
    static final int VNI = 42;
    static final String VTEP_A = "198.18.1.1";
    static final String VTEP_B = "198.18.1.2";
    static final IpAddress A = ip(VTEP_A);
    static final IpAddress B = ip(VTEP_B);
    static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final String PASSWORD = "only-here";
    private static final Pattern SHADOW = Pattern.compile("(?m)^\\d+: pg[bvpq]\\d+[:@]");

    final Namespace hostA;
    final Namespace hostB;
    final Frr frrA;
    final Frr frrB;
    final RecordedFeed feed = new RecordedFeed();
    FrrPlane plane;

    /** With VNI 42 at both ends, and the plane live. */
    EvpnLab() {
        if (!Frr.isInstalled()) {
            System.err.println("SKIPPED a live test: FRR is not installed (apt-get install frr)");
        }
        Assumptions.assumeTrue(Frr.isInstalled(), "FRR is not installed");
        hostA = Live.namespace().quiet();
        hostB = Live.namespace().quiet();
        hostA.ip("link add uA type veth peer name uB netns " + hostB);
        address(hostA, "uA", VTEP_A);
        address(hostB, "uB", VTEP_B);
        kernelVtep();
        frrA = Frr.start(hostA, configuration(VTEP_A, VTEP_B));
        frrB = Frr.start(hostB, configuration(VTEP_B, VTEP_A));
        plane = startPlane();
        announce(1);
        awaitLive();
    }

    /** With short timers, and signed. */
    private static String configuration(String own, String peer) {
        FrrConfiguration.Peer other = new FrrConfiguration.Peer(ip(peer).toInetAddress(), 65001, PASSWORD);
        return new FrrConfiguration(65001, (Inet4Address) ip(own).toInetAddress(), List.of(other), 1, 3).text();
    }

    private static void address(Namespace host, String device, String address) {
        host.ip("address add " + address + "/30 dev " + device);
        host.ip("link set " + device + " up");
    }

    private void kernelVtep() {
        hostA.ip("link add br42 type bridge mcast_snooping 0");
        hostA.ip("link add vx42 type vxlan id 42 local " + VTEP_A + " dstport 4789 nolearning");
        hostA.ip("link add p42 type veth peer name p42x");
        for (String port : List.of("vx42", "p42")) hostA.ip("link set " + port + " master br42 up");
        hostA.ip("link set p42x up");
        hostA.output("bridge", "link", "set", "dev", "vx42", "learning", "off");
        hostA.ip("link set br42 up");
    }

    FrrPlane startPlane() {
        FrrPlane started = new FrrPlane(new FrrSettings("bgp", FrrSettings.PORT, frrB.folder(), hostB.netNamespace()));
        started.start(feed);
        return started;
    }

    static IpAddress ip(String text) {
        try {
            return IpAddress.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            throw new AssertionError("a literal address", e);
        }
    }

    static Claim.StationKey station(long mac) {
        return new Claim.StationKey(VNI, mac, A);
    }

    static Claim.Station own(long mac, int sequence, String... addresses) {
        List<IpAddress> parsed = Stream.of(addresses).map(EvpnLab::ip).toList();
        return new Claim.Station(VNI, mac, B, sequence, false, parsed);
    }

    /** Has the plane announce VNIs from 42 on, and stations. */
    void announce(int vnis, Claim.Station... stations) {
        List<Claim.Member> members = IntStream.range(VNI, VNI + vnis)
                .mapToObj(vni -> new Claim.Member(vni, B, true))
                .toList();
        plane.announce(new LocalState(B, "hostB", "1", true, members, List.of(stations)));
    }

    void awaitLive() {
        await("the plane to be live", () -> feed.state() == PlaneState.LIVE);
    }

    void await(String what, BooleanSupplier condition) {
        Await.until(
                PATIENCE,
                what,
                condition,
                () -> feed + "\n" + frrB.show("show evpn mac vni all") + frrB.show("show bgp l2vpn evpn summary")
                        + frrB.bgpd());
    }

    /** Makes or removes a station at A, as if it were on port p42. */
    void stationAtA(String verb, String mac) {
        hostA.output("bridge", "fdb", verb, mac, "dev", "p42", "master", "static");
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

    String forwardingAtA() {
        return hostA.output("bridge", "fdb", "show", "dev", "vx42");
    }

    @Override
    public void close() {
        plane.close();
        frrB.close();
        frrA.close();
        hostA.close();
        hostB.close();
    }
}
