package dev.peregrine.bench.wire.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

    private static final double COMMAND_SECONDS = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Lab lab;
    private final Path program;
    private final Daemon daemon;

    private Gateway(Lab lab, Path program, Daemon daemon) {
        this.lab = lab;
        this.program = program;
        this.daemon = daemon;
    }

    static Gateway start(Contender contender, Lab lab, Placement placement, Path program) throws IOException {
        Path config = lab.work().resolve(lab.name() + ".yaml");
        Files.writeString(config, configuration(contender, lab, placement));
        List<String> command = lab.on("hB", program.toString(), "run", "--config", config.toString());
        Daemon daemon = Daemon.start(lab.work(), lab.name(), command);
        try {
            daemon.await(START_SECONDS, log -> log.lines().anyMatch(line -> line.startsWith("ready")));
            return new Gateway(lab, program, daemon);
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

    private static String socket(Lab lab) {
        return lab.work().resolve(lab.name() + ".sock").toString();
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
    public Map<String, Long> drops() throws IOException {
        List<String> command = List.of(program.toString(), "--socket", socket(lab), "--json", "drop", "list");
        Map<String, Long> drops = new LinkedHashMap<>();
        resume();
        for (JsonNode drop : JSON.readTree(Command.run(lab.work(), COMMAND_SECONDS, command))) {
            if (drop.path("count").asLong() > 0) {
                drops.put(drop.path("reason").asText(), drop.path("count").asLong());
            }
        }
        pause();
        return drops;
    }

    @Override
    public void close() {
        daemon.close();
    }
}
