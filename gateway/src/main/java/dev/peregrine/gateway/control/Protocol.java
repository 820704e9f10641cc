package dev.peregrine.gateway.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a request line into an answer line by way of {@link ControlCommands}. */
final class Protocol {
    private static final Logger LOG = LoggerFactory.getLogger(Protocol.class);
    private static final int REFUSED = 1;
    private static final int BAD_REQUEST = 2;

    /** Rows of one answer: an answer is held in memory as a whole. */
    private static final int MOST_FLOWS = 10_000;

    private static final Set<String> FDB_ENTRY = Set.of("mac", "vni", "vtep", "port", "static", "sticky");
    private static final Set<String> STATE_FILTER = Set.of("vni", "src", "dst", "port", "proto");

    private interface Command {
        /** The result, null for none. */
        @Nullable
        Object run(Arguments arguments) throws BadRequest, CommandRefused;
    }

    private record Entry(Set<String> arguments, Command command) {}

    private final ObjectMapper json = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private final ControlCommands commands;
    private final Map<String, Entry> entries;

    Protocol(ControlCommands commands) {
        this.commands = commands;
        Set<String> none = Set.of();
        entries = Map.ofEntries(
                Map.entry("status", new Entry(none, arguments -> commands.status())),
                Map.entry("vni list", new Entry(none, arguments -> commands.vnis())),
                Map.entry("port list", new Entry(none, arguments -> commands.ports())),
                Map.entry("vtep list", new Entry(none, arguments -> commands.vteps())),
                Map.entry("drop list", new Entry(none, arguments -> commands.drops())),
                Map.entry("worker list", new Entry(none, arguments -> commands.workers())),
                Map.entry("stage list", new Entry(none, arguments -> commands.stages())),
                Map.entry("flow list", new Entry(none, arguments -> commands.flows(MOST_FLOWS))),
                Map.entry("flow stats", new Entry(none, arguments -> commands.flowStats())),
                Map.entry("flow flush", new Entry(none, arguments -> Map.of("removed", commands.flowFlush()))),
                Map.entry("flow on", new Entry(none, arguments -> turnFlows(true))),
                Map.entry("flow off", new Entry(none, arguments -> turnFlows(false))),
                Map.entry(
                        "state list",
                        new Entry(STATE_FILTER, arguments -> commands.states(arguments.stateFilter(), MOST_FLOWS))),
                Map.entry("state stats", new Entry(none, arguments -> commands.stateStats())),
                Map.entry(
                        "state flush",
                        new Entry(
                                STATE_FILTER,
                                arguments -> Map.of("removed", commands.stateFlush(arguments.stateFilter())))),
                Map.entry("schedule show", new Entry(none, arguments -> commands.schedule())),
                Map.entry("schedule set", new Entry(Set.of("mode", "balance", "split"), this::scheduleSet)),
                Map.entry("schedule map", new Entry(Set.of("flow"), this::scheduleMap)),
                Map.entry(
                        "fdb list",
                        new Entry(Set.of("vni"), arguments -> commands.fdb(new FdbFilter(arguments.vni())))),
                Map.entry("fdb add", new Entry(FDB_ENTRY, arguments -> fdbAdd(arguments, false))),
                Map.entry("fdb replace", new Entry(FDB_ENTRY, arguments -> fdbAdd(arguments, true))),
                Map.entry("fdb del", new Entry(Set.of("mac", "vni"), this::fdbDelete)),
                Map.entry("fdb flush", new Entry(Set.of("vni", "port", "vtep", "dynamic", "static"), this::fdbFlush)),
                Map.entry(
                        "policy list",
                        new Entry(Set.of("vni", "port"), arguments -> commands.policies(arguments.policyScope()))),
                Map.entry(
                        "policy show",
                        new Entry(
                                Set.of("vni", "port"),
                                arguments -> Map.of("policy", commands.policyShow(arguments.onePolicyScope())))),
                Map.entry(
                        "policy replace",
                        new Entry(Set.of("vni", "port", "policy", "source", "endFlows"), this::policyReplace)),
                Map.entry(
                        "policy add",
                        new Entry(Set.of("vni", "port", "direction", "rule", "before", "endFlows"), this::policyAdd)),
                Map.entry(
                        "policy del",
                        new Entry(Set.of("vni", "port", "direction", "name", "endFlows"), this::policyDelete)),
                Map.entry("policy test", new Entry(Set.of("vni", "port", "direction", "packet"), this::policyTest)));
    }

    private @Nullable Object turnFlows(boolean on) throws CommandRefused {
        commands.flowSwitch(on);
        return null;
    }

    private @Nullable Object fdbAdd(Arguments arguments, boolean replaces) throws BadRequest, CommandRefused {
        Optional<InetAddress> vtep = arguments.vtep();
        Optional<String> port = arguments.text("port");
        if (vtep.isPresent() == port.isPresent()) throw new BadRequest("expected vtep or port, one of the two");
        commands.fdbAdd(new FdbAddition(
                arguments.fdbKey(), vtep, port, arguments.flag("static"), arguments.flag("sticky"), replaces));
        return null;
    }

    private @Nullable Object fdbDelete(Arguments arguments) throws BadRequest, CommandRefused {
        commands.fdbDelete(arguments.fdbKey());
        return null;
    }

    private Object fdbFlush(Arguments arguments) throws BadRequest, CommandRefused {
        boolean statics = arguments.flag("static");
        boolean dynamics = arguments.flag("dynamic") || !statics;
        FdbFlush flush = new FdbFlush(arguments.vni(), arguments.text("port"), arguments.vtep(), dynamics, statics);
        return Map.of("removed", commands.fdbFlush(flush));
    }

    private Object policyReplace(Arguments arguments) throws BadRequest, CommandRefused {
        String source = arguments.text("source").orElse("policy");
        return ended(commands.policyReplace(
                arguments.onePolicyScope(), arguments.required("policy"), source, arguments.flag("endFlows")));
    }

    private static Map<String, Integer> ended(int flows) {
        return Map.of("ended", flows);
    }

    private Object policyAdd(Arguments arguments) throws BadRequest, CommandRefused {
        return ended(commands.policyAdd(
                arguments.onePolicyScope(),
                arguments.isIn(),
                arguments.required("rule"),
                arguments.text("before"),
                arguments.flag("endFlows")));
    }

    private Object policyDelete(Arguments arguments) throws BadRequest, CommandRefused {
        return ended(commands.policyDelete(
                arguments.onePolicyScope(), arguments.isIn(), arguments.required("name"), arguments.flag("endFlows")));
    }

    private Object policyTest(Arguments arguments) throws BadRequest, CommandRefused {
        return commands.policyTest(arguments.onePolicyScope(), arguments.isIn(), arguments.required("packet"));
    }

    private Object scheduleSet(Arguments arguments) throws BadRequest, CommandRefused {
        Optional<Boolean> split = arguments.has("split") ? Optional.of(arguments.flag("split")) : Optional.empty();
        return commands.scheduleSet(arguments.required("mode"), arguments.text("balance"), split);
    }

    private Object scheduleMap(Arguments arguments) throws BadRequest, CommandRefused {
        Optional<String> flow = arguments.text("flow");
        if (flow.isPresent() && !flow.get().matches("[0-9a-fA-F]{1,8}")) {
            throw new BadRequest("flow: expected a flow hash of up to eight hexadecimal digits");
        }
        return commands.scheduleMap(flow.map(text -> Integer.parseUnsignedInt(text, 16)));
    }

    /** The answer to one line, as JSON without the line's end. Runs the command on the calling thread. */
    byte[] answer(byte[] line) {
        try {
            Object result = run(json.readTree(line));
            ObjectNode answer = json.createObjectNode().put("ok", true);
            return json.writeValueAsBytes(answer.set("result", json.valueToTree(result)));
        } catch (CommandRefused refused) {
            return error(String.valueOf(refused.getMessage()), refused.isUnreadable() ? BAD_REQUEST : REFUSED);
        } catch (BadRequest bad) {
            return error(String.valueOf(bad.getMessage()), BAD_REQUEST);
        } catch (IOException notJson) {
            return error("expected one JSON object in a line", BAD_REQUEST);
        } catch (ChangeUnconfirmed unconfirmed) {
            LOG.error("{}", unconfirmed.getMessage());
            return error(String.valueOf(unconfirmed.getMessage()), REFUSED);
        } catch (Exception | Error bug) {
            LOG.error("a command failed", bug);
            return error("the command failed, the gateway's log says why: " + bug, REFUSED);
        }
    }

    private @Nullable Object run(@Nullable JsonNode request) throws BadRequest, CommandRefused {
        if (request == null || !request.isObject()) throw new BadRequest("expected one JSON object in a line");
        StringBuilder name = new StringBuilder();
        for (JsonNode word : request.path("command")) {
            name.append(name.isEmpty() ? "" : " ").append(word.asText());
        }
        Entry entry = entries.get(name.toString());
        if (entry == null) throw new BadRequest("unknown command: " + name);
        JsonNode arguments = request.hasNonNull("arguments") ? request.get("arguments") : json.createObjectNode();
        if (!arguments.isObject()) throw new BadRequest("arguments: expected an object");
        return entry.command().run(new Arguments(arguments, entry.arguments()));
    }

    /** An answer that says no. */
    byte[] error(String message, int exit) {
        ObjectNode answer =
                json.createObjectNode().put("ok", false).put("error", message).put("exit", exit);
        try {
            return json.writeValueAsBytes(answer);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    byte[] tooLong(int maxBytes) {
        return error("the request line is longer than " + maxBytes + " bytes", BAD_REQUEST);
    }

    byte[] stopping() {
        return error("the gateway is stopping", REFUSED);
    }

    byte[] tooMany(int connections) {
        return error("there are " + connections + " control connections already", REFUSED);
    }
}
