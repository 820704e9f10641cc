package dev.peregrine.gateway.command;

import dev.peregrine.gateway.config.schema.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The words for a command line that is wrong, and the line that says how it is written. */
final class Usage {
    /** More options than these do not help in one line. */
    private static final int MOST_OPTIONS = 4;

    private Usage() {}

    /**
     * The command of a name, an alias, or the beginning of one name alone, as {@code ip} has it; null if there is none.
     */
    static @Nullable CommandLine find(CommandLine command, String word) {
        CommandLine exact = command.getSubcommands().get(word);
        List<CommandLine> begun = begun(command, word);
        return exact != null ? exact : begun.size() == 1 ? begun.getFirst() : null;
    }

    private static List<CommandLine> begun(CommandLine command, String word) {
        return names(command).stream()
                .sorted()
                .filter(name -> !word.isEmpty() && name.startsWith(word))
                .map(command.getSubcommands()::get)
                .toList();
    }

    /** That {@code command}, the program or a noun, has no command of that name, and which is meant perhaps. */
    static String noCommand(CommandLine command, String word) {
        String several = begun(command, word).stream()
                .map(meant -> meant.getCommandSpec().name())
                .collect(Collectors.joining(", "));
        return "there is no command " + prefix(command.getCommandSpec()) + word
                + (several.isEmpty() ? suggestion(word, names(command)) : " (it may be " + several + ")");
    }

    /** The names of a command below the program's own, each with a space behind it. */
    private static String prefix(CommandSpec spec) {
        return spec.parent() == null ? "" : prefix(spec.parent()) + spec.name() + " ";
    }

    private static String suggestion(String word, Collection<String> known) {
        return Nearest.to(word, known)
                .map(nearest -> " (did you mean " + nearest + "?)")
                .orElse("");
    }

    /** The mistake, in the words of the other messages. */
    static String text(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().getFirst();
            List<String> options = command.getCommandSpec().options().stream()
                    .flatMap(option -> Stream.of(option.names()))
                    .toList();
            return unmatched.isUnknownOption()
                    ? "there is no option " + word + suggestion(word, options)
                    : "found " + word + "; expected nothing more";
        }
        boolean isNoun = !command.getSubcommands().isEmpty();
        return isNoun && wrong.getClass() == ParameterException.class
                ? "found no command; expected one of " + String.join(", ", sorted(names(command)))
                : String.valueOf(wrong.getMessage());
    }

    private static List<String> sorted(List<String> names) {
        return names.stream().sorted().toList();
    }

    /** The names of the commands, without aliases, in their order. */
    private static List<String> names(CommandLine command) {
        return command.getSubcommands().entrySet().stream()
                .filter(named ->
                        named.getKey().equals(named.getValue().getCommandSpec().name()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** How a command is written, in one line. */
    static String line(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        List<String> words = new ArrayList<>(List.of("usage:", spec.qualifiedName()));
        List<OptionSpec> options = spec.parent() == null ? List.of() : ownOptions(spec);
        options.stream().filter(OptionSpec::required).map(Usage::word).forEach(words::add);
        spec.positionalParameters().stream().map(Usage::word).forEach(words::add);
        if (options.size() > MOST_OPTIONS) words.add("[OPTION]…");
        else
            options.stream()
                    .filter(option -> !option.required())
                    .map(Usage::word)
                    .forEach(words::add);
        if (spec.parent() == null) words.add("COMMAND");
        else if (!command.getSubcommands().isEmpty()) words.add("(" + String.join(" | ", sorted(names(command))) + ")");
        return String.join(" ", words) + " (see " + spec.qualifiedName() + " --help)";
    }

    /** The options that a command does not share with all others. */
    private static List<OptionSpec> ownOptions(CommandSpec spec) {
        return spec.options().stream()
                .filter(option -> !option.inherited() && !option.usageHelp() && !option.versionHelp())
                .toList();
    }

    private static String word(OptionSpec option) {
        String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        String text = option.longestName() + value;
        return option.required() ? text : "[" + text + "]";
    }

    private static String word(PositionalParamSpec parameter) {
        if (parameter.hideParamSyntax()) return parameter.paramLabel();
        String text = parameter.paramLabel() + (parameter.arity().max() > 1 ? "…" : "");
        return parameter.required() ? text : "[" + text + "]";
    }
}
