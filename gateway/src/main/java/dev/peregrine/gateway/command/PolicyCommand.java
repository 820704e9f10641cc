package dev.peregrine.gateway.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.gateway.config.Causes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Policy: which frames may enter and leave the bridge. Rules are YAML, in the words of the configuration file. */
@Command(name = "policy", description = "Which frames may enter and leave the bridge.")
final class PolicyCommand {
    private static final Columns RULES =
            new Columns("vni", "port", "direction", "position", "name", "action", "match", "packets", "bytes");
    private static final Columns TEST = new Columns("list", "position", "rule", "action", "match", "verdict", "reason");

    private static final String END_FLOWS = "--end-flows";
    private static final String ENDS = "End established flows that the policy denies now; without it they go on.";

    private final Globals globals;

    PolicyCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(name = "list", description = "The rules and how often they were met: policy list [vni N | port NAME]")
    int list(
            @Parameters(paramLabel = "[vni N | port NAME]", hideParamSyntax = true, description = "see above")
                    List<String> words)
            throws CommandFailed {
        ObjectNode arguments = words(words).keywords("vni", "port");
        ListCommand.print(globals, "policy", RULES, globals.client().call("policy list", arguments));
        return Exit.DONE;
    }

    @Command(
            name = "show",
            description = {
                "A policy as YAML, which replace takes: policy show (vni N | port NAME)",
            })
    int show(
            @Parameters(paramLabel = "(vni N | port NAME)", hideParamSyntax = true, description = "see above")
                    List<String> words)
            throws CommandFailed {
        ObjectNode arguments = words(words).scope().rest();
        JsonNode result = globals.client().call("policy show", arguments);
        if (globals.json()) globals.print(result);
        else globals.out().print(result.path("policy").asText());
        return Exit.DONE;
    }

    @Command(
            name = "replace",
            description = {
                "Puts another policy in the place of the one there is: policy replace (vni N | port NAME) FILE",
                "FILE has what stands under policy in the configuration file; - is the standard input."
            })
    int replace(
            @Parameters(paramLabel = "(vni N | port NAME) FILE", hideParamSyntax = true, description = "see above")
                    List<String> words,
            @Option(names = END_FLOWS, description = ENDS) boolean endFlows)
            throws CommandFailed {
        Words rest = words(words).scope();
        String file = rest.word("a file, or - for the standard input");
        ObjectNode arguments = rest.rest();
        arguments.put("policy", read(file)).put("source", file);
        return change("policy replace", arguments, endFlows);
    }

    @Command(
            name = "add",
            description = {
                "Adds a rule: policy add (vni N | port NAME) (in | out) RULE [before NAME]",
                "RULE is YAML, such as '{name: ssh, action: allow, protocol: tcp, destinationPorts: [22]}'."
            })
    int add(
            @Parameters(
                            paramLabel = "(vni N | port NAME) (in | out) RULE [before NAME]",
                            hideParamSyntax = true,
                            description = "see above")
                    List<String> words,
            @Option(names = END_FLOWS, description = ENDS) boolean endFlows)
            throws CommandFailed {
        Words rest = words(words).scope().direction();
        String rule = rest.word("a rule");
        ObjectNode arguments = rest.keywords("before");
        arguments.put("rule", rule);
        return change("policy add", arguments, endFlows);
    }

    @Command(name = "del", description = "Removes a rule: policy del (vni N | port NAME) (in | out) NAME")
    int del(
            @Parameters(
                            paramLabel = "(vni N | port NAME) (in | out) NAME",
                            hideParamSyntax = true,
                            description = "see above")
                    List<String> words,
            @Option(names = END_FLOWS, description = ENDS) boolean endFlows)
            throws CommandFailed {
        Words rest = words(words).scope().direction();
        String name = rest.word("a rule's name");
        ObjectNode arguments = rest.rest();
        arguments.put("name", name);
        return change("policy del", arguments, endFlows);
    }

    @Command(
            name = "test",
            description = {
                "What a packet would meet, as a frame does: policy test (vni N | port NAME) (in | out) PACKET",
                "The last row is the verdict; the exit code is 1 when it is drop.",
                "PACKET is YAML, such as '{protocol: tcp, source: 10.0.0.1, destination: 10.0.0.2, destinationPort: 22}'."
            })
    int test(
            @Parameters(
                            paramLabel = "(vni N | port NAME) (in | out) PACKET",
                            hideParamSyntax = true,
                            description = "see above")
                    List<String> words)
            throws CommandFailed {
        Words rest = words(words).scope().direction();
        String packet = rest.word("a packet");
        ObjectNode arguments = rest.rest();
        arguments.put("packet", packet);
        JsonNode rows = globals.client().call("policy test", arguments);
        ListCommand.print(globals, "policy", TEST, rows);
        boolean drops = rows.path(rows.size() - 1).path("verdict").asText().equals("drop");
        return drops ? Exit.REFUSED : Exit.DONE;
    }

    private static String read(String file) throws CommandFailed {
        try {
            return file.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
        } catch (IOException failure) {
            throw new CommandFailed(Exit.USAGE, file + " cannot be read: " + Causes.text(failure));
        }
    }

    private int change(String command, ObjectNode arguments, boolean endFlows) throws CommandFailed {
        arguments.put("endFlows", endFlows);
        JsonNode result = globals.client().call(command, arguments);
        if (globals.json()) globals.print(result);
        else if (endFlows) globals.err().println(result.path("ended").asText() + " flows ended");
        return Exit.DONE;
    }

    private static Words words(List<String> words) {
        return new Words(words == null ? List.of() : words);
    }
}
