package dev.peregrine.bench.wire.lab;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Peregrine on host B, with a TAP device in container B and one worker. */
final class Gateway implements Installation {
    private static final double START_SECONDS = 30;

    private final ControlSocket socket;
    private final Daemon daemon;

    private Gateway(ControlSocket socket, Daemon daemon) {
        this.socket = socket;
        this.daemon = daemon;
    }

    static Gateway start(Contender contender, Lab lab, Placement placement, Path program) throws IOException {
        Path config = lab.work().resolve(lab.name() + ".yaml");
        Files.writeString(config, configuration(contender, lab, placement));
        List<String> command = lab.on("hB", program.toString(), "run", "--config", config.toString());
        Daemon daemon = Daemon.start(lab.work(), lab.name(), command);
        try {
            daemon.await(START_SECONDS, log -> log.lines().anyMatch(line -> line.startsWith("ready")));
            return new Gateway(new ControlSocket(socket(lab)), daemon);
        } catch (IOException failure) {
            daemon.close();
            throw failure;
        }
    }

    static String configuration(Contender contender, Lab lab, Placement placement) {
        return """
                underlay:
                  local: %s
                  device: uB
                  offload: {%s}
                workers: {%s}
                fastpath: {%s}
                vnis:
                  - vni: %d
                    flood: [%s]%s
                    ports:
                      - {name: web, type: tap, device: eth0, netns: %s-cB, mac: "02:00:00:00:00:02", addresses: [%s/24, "%s/64"]}
                control: {socket: "%s"}
                """.formatted(
                        Lab.VTEP_B,
                        String.join(", ", contender.offloadSettings()),
                        String.join(", ", workers(contender, placement)),
                        String.join(", ", contender.fastpathSettings()),
                        Lab.VNI,
                        Lab.VTEP_A,
                        contender.hasRules() ? "\n    policy: " + HundredRules.text() : "",
                        lab.name(),
                        Lab.INNER_ADDRESS_B,
                        Lab.INNER_ADDRESS6_B,
                        socket(lab));
    }

    private static Path socket(Lab lab) {
        return lab.work().resolve(lab.name() + ".sock");
    }

    private static List<String> workers(Contender contender, Placement placement) {
        List<String> one = List.of("count: 1", "cpus: [%d]".formatted(placement.gatewayCpu()));
        return Stream.concat(one.stream(), contender.workerSettings().stream()).toList();
    }

    @Override
    public void resume() throws IOException {
        daemon.signal("CONT");
    }

    @Override
    public void pause() throws IOException {
        daemon.signal("STOP");
    }

    @Override
    public Map<String, Long> counters() throws IOException {
        Map<String, Long> counters = new LinkedHashMap<>();
        for (JsonNode drop : socket.call("drop", "list")) {
            counters.put(drop.path("reason").asText(), drop.path("count").asLong());
        }
        counters.put("received", socket.call("status").path("rxPackets").asLong());
        return counters;
    }

    @Override
    public void close() {
        daemon.close();
    }
}
