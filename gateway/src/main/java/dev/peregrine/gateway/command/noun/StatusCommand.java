package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The gateway as a whole. */
@Command(
        name = "status",
        description = {
            "Version, uptime, underlay, offloads on or off and why, schedule, workers, totals.",
            "Underlay rx packets came from remote VTEPs, tx packets went there."
        })
public final class StatusCommand implements Callable<Integer> {
    /** Receivers on a line; a card may have hundreds. */
    private static final int MOST_SHOWN = 3;

    private static final String PORT = "port ";

    private final Globals globals;

    /** The command with the options that all commands share. */
    public StatusCommand(Globals globals) {
        this.globals = globals;
    }

    @Override
    public Integer call() throws CommandFailed {
        JsonNode status = globals.client().call("status");
        globals.print(status, () -> print(status));
        return Exit.DONE;
    }

    private void print(JsonNode status) {
        String underlay =
                status.path("local").asText() + " port " + status.path("port").asText() + ", "
                        + status.path("underlayMode").asText();
        String waitsFor = status.path("underlayReason").asText("");
        line("version", status.path("version").asText());
        line("state", status.path("state").asText());
        line(
                "process",
                "pid " + status.path("pid").asText() + ", "
                        + status.path("networkNamespace").asText());
        line("configuration", status.path("configuration").asText("none"));
        line("uptime", uptime(status.path("uptimeSeconds").asLong()));
        line(
                "underlay",
                underlay + ", " + status.path("underlayState").asText() + (waitsFor.isEmpty() ? "" : ": " + waitsFor));
        line(
                "schedule",
                status.path("schedule").asText() + ": "
                        + status.path("scheduleReason").asText());
        line("workers", status.path("workers").asText());
        printKernelTier(status.path("kernelTier"));
        printPlacement(status);
        status.path("planes").forEach(this::printPlane);
        line("underlay rx packets", status.path("rxPackets").asText());
        line("underlay tx packets", status.path("txPackets").asText());
        line("drops", status.path("drops").asText());
        line("pool empty", status.path("poolEmpty").asText());
        line("fdb entries", status.path("fdbEntries").asText());
        line(
                "send buffer",
                sendBuffer(
                        status.path("sendBufferBytes").asInt(),
                        status.path("sendBufferWantedBytes").asInt()));
        printLosses(status);
        printOffloads(status.path("offloads"));
    }

    /**
     * Those of the underlay one by one; of the ports, of which there may be a thousand, those that are alike in one
     * line.
     */
    private void printOffloads(JsonNode offloads) {
        Map<String, List<String>> ports = new LinkedHashMap<>();
        for (JsonNode offload : offloads) {
            String name = offload.path("name").asText();
            String use = offload.path("enabled").asBoolean() ? "on" : "off";
            String reason = offload.path("reason").asText();
            String text = reason.isEmpty() ? use : use + ": " + reason;
            int end = name.lastIndexOf(' ');
            if (name.startsWith(PORT) && end > PORT.length()) {
                ports.computeIfAbsent(name.substring(end + 1) + " " + text, any -> new ArrayList<>())
                        .add(name.substring(PORT.length(), end));
            } else {
                line("offload " + name, text);
            }
        }
        ports.forEach((use, names) -> line(
                "offload port " + use.substring(0, use.indexOf(' ')),
                use.substring(use.indexOf(' ') + 1) + " (" + few(names) + ")"));
    }

    private void printKernelTier(JsonNode tier) {
        String reason = tier.path("reason").asText("");
        String use = (tier.path("enabled").asBoolean() ? "on" : "off") + (reason.isEmpty() ? "" : ": " + reason);
        long packets = tier.path("packets").asLong();
        line(
                "flows in the kernel",
                packets == 0
                        ? use
                        : use + ", " + tier.path("flows").asText() + " flows, " + packets + " packets so far");
        String device = tier.path("helper").asText("");
        if (tier.path("enabled").asBoolean()) {
            line(
                    "helper device",
                    device.isEmpty() ? "none: " + tier.path("helperReason").asText() : device);
        }
    }

    private void printPlane(JsonNode plane) {
        long holdLeft = plane.path("holdLeftSeconds").asLong(-1);
        String hold = holdLeft < 0 ? "" : ", its claims go after " + uptime(holdLeft);
        String error = plane.path("lastError").asText("");
        line(
                "plane " + plane.path("plane").asText(),
                plane.path("type").asText() + ", " + plane.path("state").asText() + " for "
                        + uptime(plane.path("sinceSeconds").asLong()) + ", "
                        + plane.path("claims").asText() + " claims, "
                        + plane.path("announced").asText() + " announced" + hold
                        + (error.isEmpty() ? "" : ": " + error));
    }

    private void printPlacement(JsonNode status) {
        for (JsonNode worker : status.path("workerCpus")) {
            String cpu = "CPU " + worker.path("cpu").asText();
            String allowed = worker.path("allowed").asBoolean(true) ? "" : ", which the process may no longer use";
            List<String> others = new ArrayList<>();
            worker.path("sharedWith").forEach(other -> others.add(other.asText()));
            String shared = others.isEmpty() ? "" : ", shared with " + few(others);
            line(worker.path("name").asText(), cpu + allowed + shared);
        }
        List<String> receivers = new ArrayList<>();
        status.path("receivers")
                .forEach(receiver -> receivers.add(receiver.path("name").asText() + " on CPU "
                        + receiver.path("cpus").asText()));
        List<String> gaps = new ArrayList<>();
        status.path("receiversUnknown").forEach(gap -> gaps.add(gap.asText()));
        if (!receivers.isEmpty()) line("underlay receivers", few(receivers));
        if (!gaps.isEmpty()) line("underlay receivers", "not known: " + few(gaps));
    }

    /** The first of many. */
    private static String few(List<String> texts) {
        int shown = Math.min(MOST_SHOWN, texts.size());
        String more = shown == texts.size() ? "" : " and " + (texts.size() - shown) + " more";
        return String.join(", ", texts.subList(0, shown)) + more;
    }

    private static String sendBuffer(int bytes, int wanted) {
        String granted = (bytes >> 10) + " KiB a socket";
        return bytes >= wanted
                ? granted
                : granted + " of " + (wanted >> 10)
                        + " KiB wanted: VTEPs that do not answer may cost others (CAP_NET_ADMIN, or net.core.wmem_max)";
    }

    /** Counts that are worth a line only where they are not 0. */
    private void printLosses(JsonNode status) {
        String error = status.path("receiveError").asText("");
        counted("receive failures", status.path("receiveFailures").asLong(), "calls, the last with " + error);
        counted("learns dropped", status.path("learnsDropped").asLong(), "sightings of MAC addresses");
        counted("neighbours dropped", status.path("neighboursDropped").asLong(), "messages about addresses");
        counted(
                "flow states",
                status.path("statesOpened").asLong(),
                "opened, " + status.path("statesEvicted").asText() + " evicted, "
                        + status.path("statesRefused").asText() + " refused");
        counted("log lines dropped", status.path("logLinesDropped").asLong(), "packets that met logging rules");
        for (JsonNode counter : status.path("kernelCounters")) {
            if (counter.path("count").asLong() > 0) {
                line(
                        "kernel",
                        counter.path("name").asText() + " "
                                + counter.path("count").asText() + ": "
                                + counter.path("text").asText());
            }
        }
    }

    private void counted(String name, long count, String text) {
        if (count > 0) line(name, count + " " + text);
    }

    private void line(String name, String value) {
        PrintWriter out = globals.out();
        out.println(String.format(Locale.ROOT, "%-19s %s", name, value).stripTrailing());
    }

    /** A duration, as in {@code 3 d 4:05:06}. */
    public static String uptime(long seconds) {
        Duration uptime = Duration.ofSeconds(seconds);
        String clock = String.format(
                Locale.ROOT, "%d:%02d:%02d", uptime.toHoursPart(), uptime.toMinutesPart(), uptime.toSecondsPart());
        return uptime.toDays() == 0 ? clock : uptime.toDays() + " d " + clock;
    }
}
