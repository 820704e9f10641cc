package dev.peregrine.controlplane.gobgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.evpn.GobgpApi;
import dev.peregrine.controlplane.evpn.GobgpEngine;
import dev.peregrine.controlplane.evpn.GobgpSettings;
import dev.peregrine.controlplane.evpn.RecordedFeed;
import dev.peregrine.controlplane.gobgp.api.EVPNMACIPAdvertisementRoute;
import dev.peregrine.controlplane.gobgp.api.EthernetSegmentIdentifier;
import dev.peregrine.controlplane.gobgp.api.ExtendedCommunitiesAttribute;
import dev.peregrine.controlplane.gobgp.api.MacMobilityExtended;
import dev.peregrine.controlplane.gobgp.api.Path;
import dev.peregrine.dataplane.testing.live.Await;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The plane with a gobgpd that does what the test says. */
class GobgpPlaneTest {
    private static final long MAC_A = 0x02_00_00_00_42_01L;
    private static final long MAC_B = 0x02_00_00_00_42_02L;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Pace FAST = new Pace(Duration.ofMillis(50), Duration.ofMillis(50));

    private final RecordedFeed feed = new RecordedFeed();
    private FakeGobgpd gobgpd = new FakeGobgpd();
    private GobgpPlane plane = new GobgpPlane(settings(GobgpSettings.MANY_MACS), FAST);

    private GobgpSettings settings(int maxMacs) {
        return new GobgpSettings("bgp", gobgpd.api(), OptionalLong.empty(), maxMacs);
    }

    @AfterEach
    void close() {
        plane.close();
        gobgpd.close();
    }

    private void await(String what, BooleanSupplier condition) {
        Await.until(PATIENCE, what, condition, () -> feed + "\n" + gobgpd.paths());
    }

    private void live(Claim.Station... stations) {
        plane.start(feed);
        plane.announce(Samples.state(stations));
        await("the plane to be live", () -> feed.state() == PlaneState.LIVE);
    }

    private static int sequence(Path path) {
        try {
            for (Any attribute : path.getPattrsList()) {
                if (!attribute.getTypeUrl().endsWith("ExtendedCommunitiesAttribute")) continue;
                for (Any community : ExtendedCommunitiesAttribute.parseFrom(attribute.getValue())
                        .getCommunitiesList()) {
                    if (community.getTypeUrl().endsWith("MacMobilityExtended")) {
                        return MacMobilityExtended.parseFrom(community.getValue())
                                .getSequenceNum();
                    }
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        return -1;
    }

    private static boolean isMac(Path path) {
        return path.getNlri().getTypeUrl().endsWith("EVPNMACIPAdvertisementRoute");
    }

    @Test
    void theGatewayFindsTheModule() {
        assertTrue(GobgpEngine.find().orElseThrow() instanceof GobgpModule);
    }

    @Test
    void whatIsHereIsInjectedWithASequence() {
        live(Samples.own(MAC_B, 0, "198.19.1.2"));
        await("three claims", () -> feed.announced() == 3);
        assertEquals(3, gobgpd.paths().size(), "the VNI, the MAC address, and with its address");
        assertEquals(
                List.of(0, 0),
                gobgpd.added().stream()
                        .filter(GobgpPlaneTest::isMac)
                        .map(GobgpPlaneTest::sequence)
                        .toList());
        plane.announce(Samples.state(Samples.own(MAC_B, 3)));
        await("the sequence", () -> gobgpd.paths().stream().anyMatch(path -> sequence(path) == 3));
        await("the address to go", () -> gobgpd.paths().size() == 2);
        plane.announce(LocalState.nothing(Samples.B, "b", "1"));
        await("all to go", () -> gobgpd.paths().isEmpty());
    }

    @Test
    void routesAreClaims() {
        gobgpd.tell(Samples.received(Samples.multicast(Samples.A, Samples.VNI)));
        live();
        gobgpd.tell(Samples.received(Samples.mac(Samples.A, MAC_A, null, 2, Samples.VNI)));
        gobgpd.tell(Samples.received(Samples.mac(Samples.A, MAC_A, "198.19.1.1", 2, Samples.VNI)));
        Claim.Station expected =
                new Claim.Station(Samples.VNI, MAC_A, Samples.A, 2, false, List.of(Samples.ip("198.19.1.1")));
        await("the station", () -> expected.equals(feed.find(expected.key())));
        assertEquals(3, feed.size(), "and the VTEP, and its membership");
        gobgpd.tell(Samples.received(Samples.mac(Samples.A, MAC_A + 16, null, 0, 4711)));
        gobgpd.tell(Samples.withdrawn(Samples.mac(Samples.A, MAC_A, "198.19.1.1", 2, Samples.VNI)));
        gobgpd.tell(Samples.withdrawn(Samples.mac(Samples.A, MAC_A, null, 2, Samples.VNI)));
        await("the withdrawal", () -> feed.withdrawn().equals(List.of(expected.key())));
        assertEquals(2, feed.size(), "routes of other VNIs are passed over");
        assertEquals(List.of(), feed.malformed());
    }

    @Test
    void aBrokenSessionIsNoWithdrawal() {
        gobgpd.tell(Samples.received(Samples.multicast(Samples.A, Samples.VNI)));
        gobgpd.tell(Samples.received(Samples.mac(Samples.A, MAC_A, null, 0, Samples.VNI)));
        live();
        assertEquals(3, feed.size());
        gobgpd.session(false);
        await("the plane to be away", () -> feed.state() == PlaneState.AWAY);
        gobgpd.tell(Samples.received(Samples.multicast(Samples.A, Samples.VNI)));
        gobgpd.tell(Samples.received(Samples.mac(Samples.A, MAC_A, null, 0, Samples.VNI)));
        gobgpd.session(true);
        await("the plane to be live", () -> feed.state() == PlaneState.LIVE);
        assertEquals(3, feed.size());
        assertEquals(List.of(), feed.withdrawn());
        assertEquals(3, feed.pictureChanges(), "those of the first picture alone");
    }

    @Test
    void anotherGobgpdHasAllInjected() {
        live(Samples.own(MAC_B, 0));
        await("two routes", () -> gobgpd.paths().size() == 2);
        FakeGobgpd first = gobgpd;
        first.close();
        await("the plane to be away", () -> feed.state() == PlaneState.AWAY);
        plane.close();
        gobgpd = new FakeGobgpd(); // at another port, which is another plane's
        plane = new GobgpPlane(settings(GobgpSettings.MANY_MACS), FAST);
        live(Samples.own(MAC_B, 0));
        await("two routes again", () -> gobgpd.paths().size() == 2);
    }

    @Test
    void routesOfAnEarlierStartAreRemoved() {
        gobgpd.tell(RouteWriter.path(Samples.mac(Samples.B, MAC_B, null, 0, Samples.VNI)).toBuilder()
                .setNeighborIp("<nil>")
                .build());
        gobgpd.tell(RouteWriter.path(Samples.mac(Samples.ip("198.18.1.9"), MAC_B, null, 0, Samples.VNI)));
        live();
        await("the old one to go", () -> gobgpd.paths().size() == 2);
        Claim.StationKey other = new Claim.StationKey(Samples.VNI, MAC_B, Samples.ip("198.18.1.9"));
        await("that of another RD to be a claim", () -> feed.find(other) != null);
    }

    @Test
    void aSequenceThatIsTooLowIsRaised() {
        gobgpd.tell(Samples.received(Samples.mac(Samples.A, MAC_B, null, 7, 4711)));
        gobgpd.refuseNext("invalid MAC mobility sequence number");
        live(Samples.own(MAC_B, 0));
        await(
                "a sequence that is higher",
                () -> gobgpd.paths().stream()
                        .anyMatch(path -> path.getNeighborIp().isEmpty() && sequence(path) == 8));
    }

    @Test
    void whatIsRefusedIsTriedAgainAndSaid() {
        gobgpd.refuseNext("no room");
        live(Samples.own(MAC_B, 0));
        await("both routes", () -> gobgpd.paths().size() == 2);
        assertTrue(feed.toString().contains("not all can be announced: no room"), feed::toString);
    }

    @Test
    void anEthernetSegmentIsRefusedAndCounted() throws InvalidProtocolBufferException {
        live();
        Path path = Samples.received(Samples.mac(Samples.A, MAC_A, null, 0, Samples.VNI));
        EVPNMACIPAdvertisementRoute route = EVPNMACIPAdvertisementRoute.parseFrom(
                        path.getNlri().getValue())
                .toBuilder()
                .setEsi(EthernetSegmentIdentifier.newBuilder().setType(1).setValue(ByteString.copyFrom(new byte[9])))
                .build();
        gobgpd.tell(path.toBuilder()
                .setNlri(path.getNlri().toBuilder().setValue(route.toByteString()))
                .build());
        await("a complaint", () -> feed.malformed().size() == 1);
        assertTrue(feed.malformed().getFirst().contains("multihoming is not supported"), feed::toString);
        assertEquals(0, feed.size());
    }

    @Test
    void routesAboveTheirLimitAreRefusedAndCounted() {
        plane = new GobgpPlane(settings(1));
        live();
        for (int i = 0; i < Session.ROUTES_OF_MAC; i++) {
            gobgpd.tell(Samples.received(Samples.mac(Samples.A, MAC_A, "198.19.1." + i, 0, Samples.VNI)));
        }
        gobgpd.tell(Samples.received(Samples.mac(Samples.A, MAC_A + 1, null, 0, Samples.VNI)));
        await("a complaint", () -> feed.malformed().size() == 1);
        assertTrue(feed.malformed().getFirst().startsWith("more than 5 routes, 5 for each of maxMacs"), feed::toString);
        Claim.Station station =
                (Claim.Station) Objects.requireNonNull(feed.find(new Claim.StationKey(Samples.VNI, MAC_A, Samples.A)));
        assertEquals(Session.ROUTES_OF_MAC, station.addresses().size());
        gobgpd.tell(Samples.withdrawn(Samples.mac(Samples.A, MAC_A, "198.19.1.0", 0, Samples.VNI)));
        gobgpd.tell(Samples.received(Samples.mac(Samples.A, MAC_A + 2, null, 0, Samples.VNI)));
        await("what has room", () -> feed.find(new Claim.StationKey(Samples.VNI, MAC_A + 2, Samples.A)) != null);
    }

    private void isRefused(String why) {
        plane.start(feed);
        await("a refusal", () -> feed.state() == PlaneState.REFUSED);
        assertTrue(feed.toString().contains(why), feed::toString);
    }

    @Test
    void manyMacsWantAKnownVersion() {
        plane = new GobgpPlane(settings(GobgpSettings.MANY_MACS + 1), FAST);
        isRefused("gobgpd is of an unknown version, and before 3.28 its time grows with the square");
    }

    @Test
    void manyMacsAreFineWithANewOne() {
        gobgpd.version("GoBGP/3.28.0");
        plane = new GobgpPlane(settings(GobgpSettings.MANY_MACS + 1), FAST);
        live();
    }

    @Test
    void aVersionThatLosesRoutesIsRefused() {
        gobgpd.version("GoBGP/3.23.0");
        isRefused("gobgpd is 3.23, and 3.22 to 3.26 lose routes");
    }

    @Test
    void version4IsRefusedByName() {
        gobgpd.close();
        gobgpd = new FakeGobgpd(4);
        plane = new GobgpPlane(settings(10), FAST);
        isRefused("GoBGP 4 answers");
    }

    @Test
    void withoutGlobalConfigurationThereIsNoPlane() {
        gobgpd.as(0);
        isRefused("[global.config]");
    }

    @Test
    void anIpv6UnderlayIsRefused() {
        plane.announce(LocalState.nothing(Samples.ip("2001:db8::1"), "b", "1"));
        isRefused("wants IPv4");
    }

    @Test
    void theApiIsOnThisHost() {
        for (String text : List.of("unix:///run/gobgp.sock", "127.0.0.1:50051", "127.1.2.3:1", "[::1]:50051")) {
            assertEquals(text, Objects.requireNonNull(GobgpApi.parse(text)).toString());
        }
        for (String text : List.of(
                "10.0.0.1:50051",
                "0.0.0.0:50051",
                "localhost:50051",
                "[::]:1",
                "unix:run",
                ":50051",
                "127.0.0.1:65536",
                "127.0.0.999:1",
                "[2001:db8::1]:50051",
                "127.0.0.1")) {
            assertFalse(GobgpApi.parse(text) != null, text);
        }
    }
}
