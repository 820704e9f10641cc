package dev.peregrine.controlplane.kubernetes;

import static dev.peregrine.controlplane.kubernetes.FlannelNodesTest.object;
import static dev.peregrine.controlplane.kubernetes.Samples.ip;
import static dev.peregrine.controlplane.kubernetes.Samples.macOf;
import static dev.peregrine.controlplane.kubernetes.Samples.station;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StationObjectsTest {
    private static final StationObjects STATIONS = new StationObjects(ip("198.18.1.2"));

    @Test
    void anObjectWithAMacIsAStation() throws IOException {
        String spec = "\"vni\":42,\"vtep\":\"198.18.1.3\",\"mac\":\"02:00:00:00:00:07\",\"sequence\":4294967295,"
                + "\"sticky\":true,\"addresses\":[\"198.19.0.7\",\"fd19::7\"],\"node\":\"h3\",\"more\":{}";
        assertEquals(
                new Reading.Claims(List.of(
                        new Claim.Vtep(ip("198.18.1.3"), "h3", ""),
                        new Claim.Station(
                                42, macOf(7), ip("198.18.1.3"), -1, true, List.of(ip("198.19.0.7"), ip("fd19::7"))))),
                STATIONS.read(object(station("a", spec))));
    }

    @ParameterizedTest
    @CsvSource({"'',true", "',\"flood\":false',false", "',\"mac\":null',true"})
    void anObjectWithoutAMacIsAMembership(String more, boolean flood) throws IOException {
        assertEquals(
                new Reading.Claims(
                        List.of(new Claim.Vtep(ip("fd18::3"), "", ""), new Claim.Member(42, ip("fd18::3"), flood))),
                STATIONS.read(object(station("a", "\"vni\":42,\"vtep\":\"fd18::3\"" + more))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', textBlock = """
                    "vni":"42" > vni is "42", not a number from 0 to 16777215 > false
                    "vni":4.2 > vni is this, not a number from 0 to 16777215 > false
                    "vtep":"198.18.1.03" > vtep is "198.18.1.03", not an IPv4 or IPv6 address > false
                    "vtep":"fe80::1%eth0" > vtep is "fe80::1%eth0", not an IPv4 or IPv6 address > false
                    "vtep":null > vtep is this, not an IPv4 or IPv6 address > false
                    "mac":7 > mac is this, not an address such as 02:00:00:00:00:01 > false
                    "sequence":-1 > sequence is this, not a number from 0 to 4294967295 > true
                    "sequence":4294967296 > sequence is this, not a number from 0 to 4294967295 > true
                    "sticky":"yes" > sticky is "yes", not true or false > true
                    "addresses":"198.19.0.7" > addresses is "198.19.0.7", not a list of at most 64 addresses > true
                    "addresses":["host"] > addresses is this, not a list of IPv4 and IPv6 addresses > true
                    "node":[] > node is this, not a text of at most 253 characters > true
                    """)
    void whatIsWrongIsNamedWithTheClaimIfThatIsKnown(String field, String complaint, boolean isKnown)
            throws IOException {
        // Of two fields of one name the last one counts.
        String spec = "\"vni\":42,\"vtep\":\"198.18.1.3\",\"mac\":\"02:00:00:00:00:07\"," + field;
        Reading.Malformed reading =
                assertInstanceOf(Reading.Malformed.class, STATIONS.read(object(station("a", spec))));
        assertEquals("station \"a\", spec: " + complaint, reading.what());
        Claim.Key key = new Claim.StationKey(42, macOf(7), ip("198.18.1.3"));
        assertEquals(isKnown ? key : null, reading.key());
    }

    @Test
    void sixtyFiveAddressesAreTooMany() throws IOException {
        String addresses = "\"198.19.0.7\",".repeat(64) + "\"198.19.0.7\"";
        String spec =
                "\"vni\":42,\"vtep\":\"198.18.1.3\",\"mac\":\"02:00:00:00:00:07\",\"addresses\":[" + addresses + "]";
        assertInstanceOf(Reading.Malformed.class, STATIONS.read(object(station("a", spec))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.18.1.2", "fd18::2"})
    void whatIsPublishedIsReadAsTheSame(String address) throws IOException {
        IpAddress vtep = ip(address);
        StationObjects stations = new StationObjects(vtep);
        Claim.Member member = new Claim.Member(42, vtep, false);
        Claim.Station station = new Claim.Station(42, macOf(7), vtep, -2, true, List.of(ip("fd19::7")));
        LocalState wanted = new LocalState(vtep, "h2", "i-1", true, List.of(member), List.of(station));
        List<Change> changes = stations.plan(wanted, Map.of(), null).changes();
        assertEquals(2, changes.size());
        List<Claim> published = List.of(member, station);
        for (int i = 0; i < published.size(); i++) {
            ApiObject made = object(changes.get(i).body().toString());
            assertTrue(
                    made.name().matches("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"),
                    made.name());
            assertTrue(stations.isOwn(made));
            assertEquals(
                    new Reading.Claims(List.of(new Claim.Vtep(vtep, "h2", "i-1"), published.get(i))),
                    stations.read(made));
            assertEquals(
                    List.of(), stations.plan(wanted, present(changes), null).changes());
        }
    }

    private static Map<String, ApiObject> present(List<Change> changes) throws IOException {
        Map<String, ApiObject> present = new HashMap<>();
        for (Change change : changes) {
            present.put(change.object(), object(change.body().toString()));
        }
        return present;
    }

    @Test
    void aVtepCannotSpeakUnderTheLabelOfAnother() throws IOException {
        String forged = station("a", "\"vni\":42,\"vtep\":\"198.18.1.3\"")
                .replace("\"name\":\"a\"", "\"name\":\"a\",\"labels\":{\"peregrine.dev/vtep\":\"198-18-1-4\"}");
        assertEquals(
                "station \"a\", spec: vtep is not that of the label peregrine.dev/vtep",
                assertInstanceOf(Reading.Malformed.class, STATIONS.read(object(forged)))
                        .what());
        assertFalse(STATIONS.isOwn(object(station("198-18-1-2.42", "\"vni\":42,\"vtep\":\"198.18.1.2\""))));
    }
}
