package dev.peregrine.gateway.doctor.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.RunningGateway;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Word from the remote VTEPs. */
public final class VtepsCheck implements Check {
    @Override
    public String name() {
        return "vteps";
    }

    @Override
    public String about() {
        return "Every VTEP that the gateway sends to has been heard, and takes what is sent to it.";
    }

    private static final int RECENT_SECONDS = 60;

    @Override
    public Finding look(Subject subject) {
        Optional<RunningGateway> gateway = subject.gateway();
        if (gateway.isEmpty()) return Finding.skip("no gateway runs that hears VTEPs");
        List<String> wrong = new ArrayList<>();
        List<String> remedies = new ArrayList<>();
        for (JsonNode row : gateway.get().vteps()) {
            String address = row.path("address").asText();
            long sent = row.path("txDatagrams").asLong();
            boolean recent = row.path("lastErrorSeconds").asLong(Long.MAX_VALUE) < RECENT_SECONDS;
            String error = row.path("lastError").asText("");
            if (recent && !error.isEmpty()) {
                wrong.add(address + " " + error + ", "
                        + row.path("lastErrorSeconds").asLong() + " s ago");
                remedies.add(remedy(error, address));
            } else if (sent > 0 && row.path("rxDatagrams").asLong() == 0) {
                wrong.add(address + " was sent " + sent + " datagrams and never heard");
                remedies.add(
                        "look at the lines firewall, rp-filter and path-mtu; there: bridge fdb show, nft list ruleset,"
                                + " and whether its UDP port is " + subject.udpPort());
            }
        }
        return wrong.isEmpty()
                ? Finding.ok(Texts.count(gateway.get().vteps().size(), "VTEP") + " without an error")
                : Finding.warn(Texts.few(wrong), remedies.getFirst());
    }

    private static String remedy(String error, String address) {
        return switch (error.split(" ", 2)[0]) {
            case "EPERM" -> "a firewall on output: nft list ruleset";
            case "EMSGSIZE" -> "the path is narrow: see path-mtu";
            case "ECONNREFUSED" -> "no VTEP listens at " + address + ": start it, or compare the UDP ports";
            case "EHOSTUNREACH", "ENETUNREACH" -> "ip neigh show " + address + "; ip route get " + address;
            case "ENETDOWN" -> "ip link set DEVICE up";
            default -> "peregrine vtep list";
        };
    }
}
