package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.evpn.Sessions;
import dev.peregrine.controlplane.gobgp.api.AfiSafi;
import dev.peregrine.controlplane.gobgp.api.Peer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * gobgpd's neighbours that EVPN is configured for.
 *
 * @param sessions those that stand
 * @param isComplete whether each of them has said that its first routes are complete (RFC 4724 section 2)
 */
record Peers(Sessions sessions, boolean isComplete) {
    private static final int ESTABLISHED = 6;

    static Peers of(List<Peer> peers) {
        Map<String, Integer> established = new HashMap<>();
        int count = 0;
        boolean isComplete = true;
        for (Peer peer : peers) {
            AfiSafi evpn = peer.getAfiSafisList().stream()
                    .filter(Peers::isEvpn)
                    .findFirst()
                    .orElse(null);
            if (evpn == null) {
                continue;
            }
            count++;
            if (peer.getState().getSessionState() == ESTABLISHED) {
                long since = peer.getTimers().getState().getUptime().getSeconds();
                established.put(
                        peer.getState().getNeighborAddress(),
                        Objects.hash(since, peer.getState().getFlops()));
                isComplete &= evpn.getMpGracefulRestart().getState().getEndOfRibReceived();
            }
        }
        return new Peers(new Sessions(count, established), isComplete);
    }

    private static boolean isEvpn(AfiSafi family) {
        return family.getConfig().getFamily().equals(RouteWriter.EVPN);
    }

    /** How they are, for people. */
    String text() {
        return sessions.peers() == 0 ? "gobgpd has no neighbor with afi-safi-name l2vpn-evpn" : sessions.text();
    }
}
