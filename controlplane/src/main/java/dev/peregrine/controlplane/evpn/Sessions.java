package dev.peregrine.controlplane.evpn;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The BGP sessions that carry EVPN routes, as the daemon that speaks BGP tells of them.
 *
 * @param peers how many are configured
 * @param established by peer, the number of its session: another one after each break
 */
public record Sessions(int peers, Map<String, Integer> established) {
    /** The question whose answer {@link #parse} reads. */
    static final String COMMAND = "show bgp l2vpn evpn summary json";

    /** The question whose answer {@link #isComplete} reads: longer, for each peer some 3 KiB. */
    static final String COMPLETE_COMMAND = "show bgp neighbors json";

    /** Of nobody. */
    public static final Sessions NONE = new Sessions(0, Map.of());

    private static final ObjectMapper JSON = new ObjectMapper();

    public Sessions {
        established = Map.copyOf(established);
    }

    /** Reads bgpd's answer; without peers, or without BGP, it is an object without peers. */
    static Sessions parse(String answer) throws IOException {
        JsonNode root = read(answer);
        // Since FRR 8.0 the address family's object is the whole answer; before, it had a name.
        JsonNode family = root.has("l2VpnEvpn") ? root.path("l2VpnEvpn") : root;
        Map<String, Integer> established = new HashMap<>();
        JsonNode peers = family.path("peers");
        for (Map.Entry<String, JsonNode> peer : peers.properties()) {
            if (peer.getValue().path("state").asText().equals("Established")) {
                established.put(
                        peer.getKey(),
                        peer.getValue().path("connectionsEstablished").asInt());
            }
        }
        return new Sessions(peers.size(), established);
    }

    /**
     * Whether each peer whose session is established has said that its first routes are complete (RFC 4724 section 2).
     */
    static boolean isComplete(String answer) throws IOException {
        for (JsonNode peer : read(answer)) {
            boolean isEstablished = peer.path("bgpState").asText().equals("Established");
            boolean carriesEvpn = peer.path("addressFamilyInfo").has("l2VpnEvpn");
            JsonNode ends = peer.path("gracefulRestartInfo").path("endOfRibRecv");
            if (isEstablished && carriesEvpn && !ends.path("l2VpnEvpn").asBoolean()) {
                return false;
            }
        }
        return true;
    }

    private static JsonNode read(String answer) throws IOException {
        try {
            return JSON.readTree(answer);
        } catch (JsonProcessingException e) {
            throw new IOException("its answer is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** Whether there is a session that stands. */
    public boolean anyEstablished() {
        return !established.isEmpty();
    }

    /** Whether a session is still the same as in an earlier look. */
    public boolean continues(Sessions earlier) {
        return established.entrySet().stream()
                .anyMatch(peer -> peer.getValue().equals(earlier.established.get(peer.getKey())));
    }

    /** How they are, for people. */
    public String text() {
        if (peers == 0) {
            return "bgpd has no neighbor that is activated for l2vpn evpn";
        }
        return established.size() + " of " + peers + " sessions established";
    }
}
