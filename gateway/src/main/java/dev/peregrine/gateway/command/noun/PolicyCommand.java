package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.table.Columns;
import dev.peregrine.gateway.command.table.ListCommand;
import dev.peregrine.gateway.command.table.View;
import dev.peregrine.gateway.config.schema.Causes;
import dev.peregrine.gateway.config.schema.Yaml;
import dev.peregrine.gateway.control.Direction;
import dev.peregrine.gateway.control.report.policy.PolicyRow;
import dev.peregrine.gateway.control.report.policy.PolicyTestRow;
import dev.peregrine.gateway.control.request.policy.PolicyFilter;
import dev.peregrine.gateway.control.request.policy.PolicyQuestion;
import dev.peregrine.gateway.control.request.policy.PolicyReplacement;
import dev.peregrine.gateway.control.request.policy.PolicyScope;
import dev.peregrine.gateway.control.request.policy.RuleAddition;
import dev.peregrine.gateway.control.request.policy.RuleRemoval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Policy: which frames may enter and leave the bridge. Rules are YAML, in the words of the configuration file. */
@Command(name = "policy", description = "Which frames may enter and leave the bridge.")
public final class PolicyCommand {
    private static final Columns RULES = Columns.of(PolicyRow.class);
    private static final Columns TEST = Columns.of(PolicyTestRow.class);

    private static final String END_FLOWS = "--end-flows";
    private static final String ENDS = "End established flows that the policy denies now; without it they go on.";

    private final Globals globals;

    /** The command with the options that all commands share. */
    public PolicyCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(name = "list", description = "The rules and how often they were met: policy list [vni N | port NAME]")
    int list(
            @Parameters(paramLabel = "[vni N | port NAME]", hideParamSyntax = true, description = "see above")
                    List<String> words,
            @Mixin View view)
            throws CommandFailed {
        Words given = new Words(words).takeKeywords("vni", "port");
        PolicyFilter filter = new PolicyFilter(given.vni(), given.text("port"));
        return ListCommand.print(
                globals, "policy", RULES, view, globals.client().call("policy list", filter));
    }

    @Command(
            name = "show",
            description = {
                "A policy as YAML, which replace takes, or as JSON: policy show (vni N | port NAME)",
            })
    int show(
            @Parameters(paramLabel = "(vni N | port NAME)", hideParamSyntax = true, description = "see above")
                    List<String> words)
            throws CommandFailed {
        Words given = new Words(words).takeScope();
        given.takeEnd();
        JsonNode result = globals.client().call("policy show", new PolicyScope(given.vni(), given.text("port")));
        String policy = result.path("policy").asText();
        globals.print(
                globals.json() ? Globals.mapper().valueToTree(Yaml.values(policy)) : result,
                () -> globals.out().print(policy));
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
        Words given = new Words(words).takeScope();
        String file = given.takeWord("a file, or - for the standard input");
        given.takeEnd();
        PolicyReplacement change = new PolicyReplacement(given.vni(), given.text("port"), read(file), file, endFlows);
        return changed(globals.client().call("policy replace", change), endFlows);
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
        Words given = new Words(words).takeScope();
        Direction direction = given.takeDirection();
        String rule = given.takeWord("a rule");
        String before = given.takeKeywords("before").text("before");
        RuleAddition change = new RuleAddition(given.vni(), given.text("port"), direction, rule, before, endFlows);
        return changed(globals.client().call("policy add", change), endFlows);
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
        Words given = new Words(words).takeScope();
        Direction direction = given.takeDirection();
        String name = given.takeWord("a rule's name");
        given.takeEnd();
        RuleRemoval change = new RuleRemoval(given.vni(), given.text("port"), direction, name, endFlows);
        return changed(globals.client().call("policy del", change), endFlows);
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
        Words given = new Words(words).takeScope();
        Direction direction = given.takeDirection();
        String packet = given.takeWord("a packet");
        given.takeEnd();
        PolicyQuestion question = new PolicyQuestion(given.vni(), given.text("port"), direction, packet);
        JsonNode rows = globals.client().call("policy test", question);
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

    private int changed(JsonNode result, boolean endFlows) {
        globals.print(result, () -> {
            if (endFlows) globals.err().println(result.path("ended").asText() + " flows ended");
        });
        return Exit.DONE;
    }
}
