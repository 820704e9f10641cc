package dev.peregrine.controlplane.kubernetes;

import static dev.peregrine.controlplane.kubernetes.Samples.claimsOfNode;
import static dev.peregrine.controlplane.kubernetes.Samples.ip;
import static dev.peregrine.controlplane.kubernetes.Samples.macOf;
import static dev.peregrine.controlplane.kubernetes.Samples.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.peregrine.controlplane.Claim;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlannelNodesTest {
    private static final FlannelNodes NODES = new FlannelNodes("node1", true);
    private static final FlannelNodes NODES6 = new FlannelNodes("node1", false);

    static ApiObject object(String json) throws IOException {
        return ApiStream.readObject(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aNodeIsAVtepAMemberAndAStation() throws IOException {
        assertEquals(new Reading.Claims(claimsOfNode(7)), NODES.read(object(node(7))));
    }

    @Test
    void annotationsOfIpv6AreOthers() throws IOException {
        String dual = node(7).replace("\"10.244.7.0/24\"]", "\"10.244.7.0/24\",\"fd10:244:0:7::/64\"]")
                .replace(
                        "\"node.alpha.kubernetes.io/ttl\":\"0\"",
                        "\"flannel.alpha.coreos.com/public-ipv6\":\"fd18::7\",\"flannel.alpha.coreos.com/backend-v6-data\":"
                                + "\"{\\\"VNI\\\":2,\\\"VtepMAC\\\":\\\"02:00:00:00:00:AA\\\"}\"");
        assertEquals(
                new Reading.Claims(List.of(
                        new Claim.Vtep(ip("fd18::7"), "node7", ""),
                        new Claim.Member(2, ip("fd18::7"), false),
                        new Claim.Station(2, macOf(0xaa), ip("fd18::7"), 0, false, List.of(ip("fd10:244:0:7::"))))),
                NODES6.read(object(dual)));
        assertEquals(new Reading.Claims(claimsOfNode(7)), NODES.read(object(dual)));
        assertEquals(new Reading.Claims(List.of()), NODES6.read(object(node(7))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', textBlock = """
                    "backend-type":"vxlan" > "backend-type":"host-gw"
                    "kube-subnet-manager":"true" > "kube-subnet-manager":"false"
                    backend-data" > backend-other"
                    """)
    void nodesOfOtherBackendsSayNothing(String part, String other) throws IOException {
        String changed = node(7).replace(unslashed(part), unslashed(other));
        assertEquals(new Reading.Claims(List.of()), NODES.read(object(changed)));
    }

    private static String unslashed(String text) {
        return text.replace("\"backend", "\"flannel.alpha.coreos.com/backend")
                .replace("\"kube", "\"flannel.alpha.coreos.com/kube");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', textBlock = """
                    \\"VNI\\":1 > \\"VNI\\":16777216 > annotation flannel.alpha.coreos.com/backend-data: VNI is this, not a number from 0 to 16777215
                    \\"VNI\\":1 > \\"VNI\\":-1 > annotation flannel.alpha.coreos.com/backend-data: VNI is this, not a number from 0 to 16777215
                    \\"VNI\\":1 > \\"vni\\":1 > annotation flannel.alpha.coreos.com/backend-data: VNI is nothing, not a number from 0 to 16777215
                    02:00:00:00:00:07 > 02:00:00:00:07 > annotation flannel.alpha.coreos.com/backend-data: VtepMAC is "02:00:00:00:07", not an address such as 02:00:00:00:00:01
                    {\\"VNI > [\\"VNI > annotation flannel.alpha.coreos.com/backend-data: not JSON: "["VNI":1,"VtepMAC":"02:00:00:00:00:07"}"
                    198.18.0.7 > node7.example.com > annotation flannel.alpha.coreos.com/public-ip: no address: "node7.example.com"
                    198.18.0.7 > 198.18.7 > annotation flannel.alpha.coreos.com/public-ip: no address: "198.18.7"
                    10.244.7.0/24 > fd00::/64 > spec.podCIDRs: no network of IPv4
                    """)
    void whatIsMissingOrWrongIsNamed(String part, String other, String complaint) throws IOException {
        Reading reading = NODES.read(object(node(7).replace(part, other)));
        assertEquals(
                "node \"node7\", " + complaint,
                assertInstanceOf(Reading.Malformed.class, reading).what());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[]", "7", "null", "\"x\"", "{\"metadata\":7,\"spec\":[]}", "{\"metadata\":{\"annotations\":[]}}"
            })
    void whatIsNoNodeSaysNothing(String json) throws IOException {
        assertEquals(new Reading.Claims(List.of()), NODES.read(object(json)));
    }
}
