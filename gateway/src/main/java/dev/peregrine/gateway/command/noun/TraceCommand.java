package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.control.request.TraceRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Follows single packets through the gateway. */
@Command(
        name = "trace",
        description = {
            "Follows packets from stage to stage, with verdicts, drop reasons and times: trace [--count N] [FILTER]",
            TraceCommand.FILTER
        })
public final class TraceCommand implements Callable<Integer> {
    static final String FILTER =
            "FILTER: vni N, src and dst (MAC | IP[/LEN]), port N, proto (tcp | udp | icmp | icmp6 | nd |"
                    + " arp), drop REASON; all that is given must hold. icmp includes ICMPv6.";

    @Option(names = "--count", paramLabel = "N", description = "Packets at most. Default: 10.")
    private @Nullable Integer count;

    @Option(names = "--seconds", paramLabel = "S", description = "Seconds at most. Default: 60.")
    private @Nullable Integer seconds;

    @Parameters(paramLabel = "[FILTER]", hideParamSyntax = true, arity = "0..*", description = "which packets")
    private @Nullable List<String> filter;

    private final Globals globals;

    /** The command with the options that all commands share. */
    public TraceCommand(Globals globals) {
        this.globals = globals;
    }

    @Override
    public Integer call() throws CommandFailed {
        return new Follow(globals, "packets").run("trace", new TraceRequest(count, seconds, filter), line -> {
            for (JsonNode packet : line.path("packets")) {
                if (globals.json()) globals.out().println(packet);
                else print(packet, globals.out());
            }
            if (globals.out().checkError()) throw new IOException(Follow.READERS_END);
            return line.path("packets").size();
        });
    }

    private static void print(JsonNode packet, PrintWriter out) {
        out.println(head(packet));
        int width = 0;
        for (JsonNode step : packet.path("stages"))
            width = Math.max(width, step.path("stage").asText().length());
        for (JsonNode step : packet.path("stages")) {
            out.println(String.format(
                            Locale.ROOT,
                            "  %,12d ns  %-9s %-" + width + "s  %s",
                            step.path("nanos").asLong(),
                            step.path("worker").asText(),
                            step.path("stage").asText(),
                            text(step))
                    .stripTrailing());
        }
        out.println();
    }

    private static String head(JsonNode packet) {
        StringBuilder head = new StringBuilder("#").append(packet.path("number").asLong());
        head.append(' ').append(packet.path("time").asText()).append(" from ");
        head.append(
                packet.has("vtep")
                        ? "vtep " + packet.path("vtep").asText()
                        : packet.path("from").asText());
        if (packet.has("vni")) head.append(", vni ").append(packet.path("vni").asInt());
        head.append(", ").append(packet.path("length").asInt()).append(" bytes");
        int segments = packet.path("segments").asInt();
        if (segments > 1) {
            head.append(" in ")
                    .append(segments)
                    .append(" segments of ")
                    .append(packet.path("segmentSize").asInt());
        }
        head.append(": ")
                .append(packet.path("frame").asText())
                .append(": ")
                .append(packet.path("result").asText());
        return packet.has("reason")
                ? head.append(' ').append(packet.path("reason").asText()).toString()
                : head.toString();
    }

    private static String text(JsonNode step) {
        if (step.has("note")) {
            String skipped = String.join(", ", texts(step.path("skipped")));
            return step.path("note").asText() + (skipped.isEmpty() ? "" : "; skips " + skipped);
        }
        StringBuilder text = new StringBuilder(step.path("verdict").asText());
        if (step.has("reason")) text.append(' ').append(step.path("reason").asText());
        if (step.has("to")) text.append(" to ").append(step.path("to").asText());
        if (step.has("egress"))
            text.append(", leaves by ").append(step.path("egress").asText());
        return text.toString();
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.asText()));
        return texts;
    }
}
