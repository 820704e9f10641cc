package dev.peregrine.load.perf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.control.Version;
import dev.peregrine.load.Rates;
import dev.peregrine.load.perf.traffic.PerfPlan;
import java.time.Instant;

/** The {@code start} object of iperf3's JSON: hosts, test, place and time of the measurement. */
final class StartReport {
    private final Client client;
    private String cookie = "";
    private Instant time = Instant.EPOCH;

    StartReport(Client client) {
        this.client = client;
    }

    void started(String testCookie) {
        cookie = testCookie;
        time = Instant.now();
    }

    ObjectNode json() {
        PerfPlan plan = client.plan();
        ObjectNode json = Rates.object();
        ArrayNode connected = json.putArray("connected");
        for (int i = 0; i < plan.streams(); i++) {
            connected
                    .addObject()
                    .put("socket", i + 1)
                    .put("local_host", client.local())
                    .put("remote_host", AddressText.of(client.server().getAddress()))
                    .put("remote_port", client.server().getPort());
        }
        json.put("version", "peregrine " + Version.text())
                .put(
                        "system_info",
                        System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                                + System.getProperty("os.arch"));
        json.putObject("timestamp").put("time", time.toString()).put("timesecs", time.getEpochSecond());
        json.putObject("connecting_to")
                .put("host", client.server().getHostString())
                .put("port", client.server().getPort());
        json.put("cookie", cookie);
        json.putObject("test_start")
                .put("protocol", plan.udp() ? "UDP" : "TCP")
                .put("num_streams", plan.streams())
                .put("blksize", plan.length())
                .put("omit", 0)
                .put("duration", plan.seconds())
                .put("bytes", 0)
                .put("blocks", 0)
                .put("reverse", plan.reverse() ? 1 : 0)
                .put("target_bitrate", plan.requests() ? 0 : plan.rate());
        return json;
    }
}
