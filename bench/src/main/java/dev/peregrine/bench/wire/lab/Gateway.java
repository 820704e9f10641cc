package dev.peregrine.bench.wire.lab;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.LabError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Peregrine on host B, with a TAP device in container B and one worker. */
final class Gateway implements Installation {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final ControlSocket socket;
    private final BackgroundProcess process;

    private Gateway(ControlSocket socket, BackgroundProcess process) {
        this.socket = socket;
        this.process = process;
    }

    static Gateway start(Contender contender, Lab lab, Placement placement, Path program) throws IOException {
        Path config = lab.work().resolve(lab.name() + ".yaml");
        Files.writeString(config, configuration(contender, lab, placement));
        BackgroundProcess process =
                BackgroundProcess.start(lab.on("hB").words(program.toString(), "run", "--config", config.toString()));
        try {
            process.awaitLine(START_LIMIT, "ready line", line -> line.startsWith("ready"));
            return new Gateway(new ControlSocket(socket(lab)), process);
        } catch (LabError failure) {
            process.close();
            throw failure;
        }
    }

    static String configuration(Contender contender, Lab lab, Placement placement) {
        return """
                underlay:
                  local: %s
                  device: uB%s
                  offload: {%s}
                workers: {%s}
                fastpath: {%s}
                vnis:
                  - vni: %d
                    flood: [%s]%s
                    ports:
                      - {name: web, type: %s, device: eth0, netns: %s-cB, mac: "02:00:00:00:00:02", addresses: [%s/24, "%s/64"]}
                control: {socket: "%s"}
                """.formatted(
                        lab.b().vtep(),
                        contender.underlaySettings().stream()
                                .map(setting -> "\n  " + setting)
                                .collect(Collectors.joining()),
                        String.join(", ", contender.offloadSettings()),
                        String.join(", ", workers(contender, placement)),
                        String.join(", ", contender.fastpathSettings()),
                        Lab.VNI,
                        lab.a().vtep(),
                        contender.hasRules() ? "\n    policy: " + HundredRules.text() : "",
                        contender.portType(),
                        lab.name(),
                        lab.b().inner(),
                        lab.b().inner6(),
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
    public void resume() {
        process.resume();
    }

    @Override
    public void pause() {
        process.pause();
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
        process.close();
    }
}
