package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.testkit.live.Frr;
import dev.peregrine.vxlan.IpAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * Two hosts: A with FRR and the kernel's VXLAN, as any EVPN VTEP of Linux has them, B with the plane that is tested.
 *
 * <pre>
 *  A: br42 | vx42 (UDP 4789) | p42     198.18.1.1 ══ 198.18.1.2     B
 * </pre>
 */
public abstract class EvpnHosts implements AutoCloseable {
    public static final int VNI = 42;
    public static final String VTEP_A = "198.18.1.1";
    public static final String VTEP_B = "198.18.1.2";
    public static final IpAddress A = ip(VTEP_A);
    public static final IpAddress B = ip(VTEP_B);
    public static final Duration PATIENCE = Duration.ofSeconds(20);
    protected static final int AS = 65001;

    public final Namespace hostA;
    public final Namespace hostB;
    public final Frr frrA;
    public final RecordedFeed feed = new RecordedFeed();

    /**
     * Hosts of which A is an EVPN VTEP.
     *
     * @param lacking why the test is left out; null where all is there
     * @param password of the BGP session; null for none
     * @param vnis how many there are at A, from 42 on
     */
    protected EvpnHosts(@Nullable String lacking, @Nullable String password, int vnis) {
        if (lacking != null) System.err.println("SKIPPED a live test: " + lacking);
        Assumptions.assumeTrue(lacking == null, lacking);
        hostA = Live.namespace().quiet();
        hostB = Live.namespace().quiet();
        hostA.ip("link add uA type veth peer name uB netns " + hostB);
        address(hostA, "uA", VTEP_A);
        address(hostB, "uB", VTEP_B);
        for (int vni = VNI; vni < VNI + vnis; vni++) kernelVtep(vni);
        frrA = Frr.start(hostA, configuration(VTEP_A, VTEP_B, password));
    }

    /** With short timers. */
    protected static String configuration(String own, String peer, @Nullable String password) {
        FrrConfiguration.Peer other = new FrrConfiguration.Peer(ip(peer).toInetAddress(), AS, password);
        return new FrrConfiguration(AS, (Inet4Address) ip(own).toInetAddress(), List.of(other), 1, 3).text();
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

    /** The plane at B. */
    public abstract ControlPlane plane();

    /** An account of B's daemon, for failures. */
    protected abstract String account();

    public static IpAddress ip(String text) {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    /** A station at A. */
    public static Claim.StationKey station(long mac) {
        return new Claim.StationKey(VNI, mac, A);
    }

    /** A station at B. */
    public static Claim.Station own(int vni, long mac, int sequence, String... addresses) {
        List<IpAddress> parsed = Stream.of(addresses).map(EvpnHosts::ip).toList();
        return new Claim.Station(vni, mac, B, sequence, false, parsed);
    }

    /** Has the plane announce VNIs from 42 on, and stations. */
    public void announce(int vnis, Claim.Station... stations) {
        announce(vnis, List.of(stations));
    }

    public void announce(int vnis, List<Claim.Station> stations) {
        List<Claim.Member> members = IntStream.range(VNI, VNI + vnis)
                .mapToObj(vni -> new Claim.Member(vni, B, true))
                .toList();
        plane().announce(new LocalState(B, "hostB", "1", true, members, stations));
    }

    public void awaitLive() {
        await("the plane to be live", () -> feed.state() == PlaneState.LIVE);
    }

    public void await(String what, BooleanSupplier condition) {
        Await.until(PATIENCE, what, condition, () -> feed + "\n" + account());
    }

    /** How a daemon of FRR sees its peers and their MAC addresses. */
    protected static String view(Frr frr) {
        return frr.show("show evpn mac vni all") + frr.show("show bgp l2vpn evpn summary");
    }

    /** Makes or removes a station at A, as if it were on port p42. */
    public void stationAtA(String verb, String mac) {
        hostA.output("bridge", "fdb", verb, mac, "dev", "p42", "master", "static");
    }

    public String forwardingAtA() {
        return forwardingAtA(VNI);
    }

    public String forwardingAtA(int vni) {
        return hostA.output("bridge", "fdb", "show", "dev", "vx" + vni);
    }

    @Override
    public void close() {
        frrA.close();
        hostA.close();
        hostB.close();
    }
}
