package dev.peregrine.controlplane.evpn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Answers of FRR 8.4.4, shortened. */
class SessionsTest {
    private static final String SUMMARY = """
            {"routerId":"198.18.1.2", "as":65001, "vrfName":"default", "peerCount":2, "peers":{
              "198.18.1.1":{"hostname":"cpA", "remoteAs":65001, "peerUptimeMsec":6000, "pfxRcd":2, "pfxSnt":2,
                "state":"Established", "peerState":"OK", "connectionsEstablished":3, "connectionsDropped":2},
              "198.18.1.9":{"remoteAs":65001, "state":"Active", "connectionsEstablished":0}},
            "failedPeers":1, "totalPeers":2}
            """;

    private static String neighbor(String state, String ends) {
        return """
                {"198.18.1.1":{"bgpState":"%s", "addressFamilyInfo":{"l2VpnEvpn":{"acceptedPrefixCounter":2}},
                  "gracefulRestartInfo":{"endOfRibSend":{"l2VpnEvpn":true}, "endOfRibRecv":{%s}}},
                 "198.18.1.9":{"bgpState":"Established", "addressFamilyInfo":{"ipv4Unicast":{}}}}
                """.formatted(state, ends);
    }

    @Test
    void aSummary() throws IOException {
        Sessions sessions = Sessions.parse(SUMMARY);
        assertEquals(new Sessions(2, Map.of("198.18.1.1", 3)), sessions);
        assertEquals("1 of 2 sessions established", sessions.text());
        assertTrue(sessions.continues(sessions));
        assertFalse(sessions.continues(new Sessions(2, Map.of("198.18.1.1", 2))), "it broke in between");
        assertTrue(sessions.continues(new Sessions(2, Map.of("198.18.1.1", 3, "198.18.1.9", 1))), "one of two stands");
        assertFalse(Sessions.NONE.continues(Sessions.NONE));
    }

    @Test
    void withoutPeers() throws IOException {
        assertFalse(Sessions.parse("{}\n").anyEstablished());
        assertTrue(Sessions.parse("{}").text().contains("no neighbor"));
    }

    @Test
    void theEndOfFirstRoutes() throws IOException {
        assertTrue(Sessions.isComplete(neighbor("Established", "\"l2VpnEvpn\":true")));
        assertFalse(Sessions.isComplete(neighbor("Established", "")));
        assertTrue(Sessions.isComplete(neighbor("Active", "")), "nothing comes from a session that is down");
    }

    @Test
    void whatIsNoJson() {
        assertThrows(IOException.class, () -> Sessions.parse("% BGP instance not found"));
    }
}
