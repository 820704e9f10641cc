package dev.peregrine.gateway.command.manual;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The manual page of a command, or of a noun with its verbs: text for {@code man(1)} in the macros of {@code man(7)},
 * made of what {@code --help} prints.
 */
final class ManualPage {
    private final CommandSpec spec;
    private final StringBuilder text = new StringBuilder();

    ManualPage(CommandLine command) {
        this.spec = command.getCommandSpec();
        write(command);
    }

    /** As {@code peregrine-fdb}. */
    String name() {
        return spec.qualifiedName("-");
    }

    String text() {
        return text.toString();
    }

    private void write(CommandLine command) {
        macro("TH", quoted(name().toUpperCase(java.util.Locale.ROOT)), "1", quoted(""), quoted("Peregrine"));
        section("NAME");
        line(name() + " \\- " + escaped(firstSentence(spec)));
        section("SYNOPSIS");
        synopsis(command);
        section("DESCRIPTION");
        paragraphs(spec);
        if (!spec.positionalParameters().isEmpty()) {
            section("ARGUMENTS");
            spec.positionalParameters().forEach(this::argument);
        }
        if (spec.parent() == null || !ownOptions(spec).isEmpty()) {
            section("OPTIONS");
            options(spec, spec.parent() == null);
        }
        if (!command.getSubcommands().isEmpty()) {
            section("COMMANDS");
            command.getSubcommands().values().forEach(this::subcommand);
        }
        if (spec.parent() == null) {
            exitCodes();
        } else {
            section("SEE ALSO");
            line("\\fBperegrine\\fR(1), which has the options of all commands");
        }
    }

    private void exitCodes() {
        section("EXIT STATUS");
        item("0", "done");
        item("1", "the gateway refused, or something that it needs is missing");
        item("2", "the command line or the configuration is wrong");
        item("3", "no gateway answers");
    }

    private void synopsis(CommandLine command) {
        if (spec.parent() == null) {
            line("\\fBperegrine\\fR [\\fIOPTION\\fR]... \\fICOMMAND\\fR");
        } else if (command.getSubcommands().isEmpty()) {
            line(usage(spec));
        } else {
            for (CommandLine verb : command.getSubcommands().values()) {
                line(usage(verb.getCommandSpec()));
                macro("br");
            }
        }
    }

    private static String usage(CommandSpec command) {
        StringBuilder usage = new StringBuilder("\\fB" + escaped(command.qualifiedName()) + "\\fR");
        for (OptionSpec option : ownOptions(command)) {
            String word = "\\fB" + escaped(option.longestName()) + "\\fR" + value(option);
            usage.append(' ').append(option.required() ? word : "[" + word + "]");
        }
        for (PositionalParamSpec argument : command.positionalParameters()) {
            String word = "\\fI" + escaped(argument.paramLabel()) + "\\fR"
                    + (argument.arity().max() > 1 ? "..." : "");
            usage.append(' ').append(argument.required() || argument.hideParamSyntax() ? word : "[" + word + "]");
        }
        return usage.toString();
    }

    private void subcommand(CommandLine command) {
        CommandSpec child = command.getCommandSpec();
        if (child.usageMessage().hidden()) return;
        if (spec.parent() == null) {
            item("\\fB" + escaped(child.name()) + "\\fR", escaped(firstSentence(child)));
            return;
        }
        macro("SS", quoted(usage(child)));
        paragraphs(child);
        child.positionalParameters().forEach(this::argument);
        options(child, false);
    }

    private void argument(PositionalParamSpec argument) {
        item("\\fI" + escaped(argument.paramLabel()) + "\\fR", joined(argument.description()));
    }

    private void options(CommandSpec command, boolean all) {
        List<OptionSpec> options = all ? command.options() : ownOptions(command);
        for (OptionSpec option : options) {
            String names = String.join(
                    ", ",
                    Arrays.stream(option.names())
                            .map(name -> "\\fB" + escaped(name) + "\\fR")
                            .toList());
            item(
                    names + value(option),
                    joined(option.description()).replace("${DEFAULT-VALUE}", option.defaultValue() + ""));
        }
    }

    /** The options that a command does not share with all others. */
    private static List<OptionSpec> ownOptions(CommandSpec command) {
        return command.options().stream()
                .filter(option ->
                        !option.inherited() && !option.usageHelp() && !option.versionHelp() && !option.hidden())
                .toList();
    }

    private static String value(OptionSpec option) {
        return option.arity().max() == 0 ? "" : " \\fI" + escaped(option.paramLabel()) + "\\fR";
    }

    private static String firstSentence(CommandSpec command) {
        String[] description = command.usageMessage().description();
        String first = description.length == 0 ? command.name() : description[0];
        int end = first.indexOf(". ");
        String sentence = end < 0 ? first : first.substring(0, end);
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }

    private void paragraphs(CommandSpec command) {
        for (String paragraph : command.usageMessage().description()) {
            macro("PP");
            line(escaped(paragraph));
        }
    }

    private static String joined(String... description) {
        return escaped(String.join(" ", description));
    }

    private void section(String title) {
        macro("SH", quoted(title));
    }

    private void item(String tag, String body) {
        macro("TP");
        line(tag);
        line(body);
    }

    private void macro(String name, String... arguments) {
        text.append('.').append(name);
        for (String argument : arguments) text.append(' ').append(argument);
        text.append('\n');
    }

    private void line(String line) {
        // A line that begins with a dot or a quote would be a macro.
        text.append(line.startsWith(".") || line.startsWith("'") ? "\\&" + line : line)
                .append('\n');
    }

    private static String quoted(String word) {
        return '"' + word + '"';
    }

    /** Backslashes and hyphens mean something to troff; picocli writes a percent sign twice. */
    private static String escaped(String words) {
        return words.replace("\\", "\\e").replace("-", "\\-").replace("%%", "%").replace("%n", " ");
    }
}
