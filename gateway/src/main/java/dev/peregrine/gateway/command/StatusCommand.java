package dev.peregrine.gateway.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The gateway as a whole. */
@Command(
        name = "status",
        description = "Version, uptime, underlay, offloads on or off and why, schedule, workers, totals.")
final class StatusCommand implements Callable<Integer> {
    private final Globals globals;

    StatusCommand(Globals globals) {
        this.globals = globals;
    }

    @Override
    public Integer call() throws CommandFailed {
        JsonNode status = globals.client().call("status", Globals.mapper().createObjectNode());
        if (globals.json()) globals.print(status);
        else print(status);
        return Exit.DONE;
    }

    private void print(JsonNode status) {
        String underlay =
                status.path("local").asText() + " port " + status.path("port").asText() + ", "
                        + status.path("underlayMode").asText();
        String waitsFor = status.path("underlayReason").asText("");
        line("version", status.path("version").asText());
        line("state", status.path("state").asText());
        line("uptime", uptime(status.path("uptimeSeconds").asLong()));
        line(
                "underlay",
                underlay + ", " + status.path("underlayState").asText() + (waitsFor.isEmpty() ? "" : ": " + waitsFor));
        line(
                "schedule",
                status.path("schedule").asText() + ": "
                        + status.path("scheduleReason").asText());
        line("workers", status.path("workers").asText());
        line("rx packets", status.path("rxPackets").asText());
        line("tx packets", status.path("txPackets").asText());
        line("drops", status.path("drops").asText());
        line("fdb entries", status.path("fdbEntries").asText());
        for (JsonNode offload : status.path("offloads")) {
            String use = offload.path("enabled").asBoolean() ? "on" : "off";
            String reason = offload.path("reason").asText();
            line("offload " + offload.path("name").asText(), reason.isEmpty() ? use : use + ": " + reason);
        }
    }

    private void line(String name, String value) {
        PrintWriter out = globals.out();
        out.println(String.format(Locale.ROOT, "%-19s %s", name, value).stripTrailing());
    }

    static String uptime(long seconds) {
        Duration uptime = Duration.ofSeconds(seconds);
        String clock = String.format(
                Locale.ROOT, "%d:%02d:%02d", uptime.toHoursPart(), uptime.toMinutesPart(), uptime.toSecondsPart());
        return uptime.toDays() == 0 ? clock : uptime.toDays() + " d " + clock;
    }
}
