package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every complete command of the documents is one that there is. Each is run where no gateway answers, which ends with 3
 * and not with 2 if its words are right.
 */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^ *```\\n(.*?)^ *```$");
    private static final Pattern IN_BLOCK = Pattern.compile(
            "(?m)^(?:\\$ )?(?: *)(?:scripts/lab exec \\S+ |ip netns exec \\S+ )?(?:scripts/|/\\S*/bin/)?peregrine (.+)$");
    private static final Pattern IN_TEXT = Pattern.compile("`(?:scripts/)?peregrine ([^`]+)`");
    /** Where a command ends and an explanation, a pipe or a redirection begins. */
    private static final Pattern END = Pattern.compile("  +.*| [|>&#].*");

    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
    /** Of the form of a command, and not a command: {@code [vni N]}, {@code (a | b)}, {@code …}. */
    private static final Pattern FORM = Pattern.compile("^[\\[(]|…|\\.\\.\\.|^[A-Z][A-Z_]*[])]?$");
    /** Names that stand for themselves. */
    private static final Set<String> NAMES = Set.of("E1", "E5", "POLICY_DEFAULT");
    /** They act, or are of other modules; the words behind them are not tried. */
    private static final Set<String> NOT_RUN = Set.of("run", "doctor", "manual", "gen", "sink", "perf", "bench");

    /** Said of {@code policy} or {@code schedule set}, by which a text means all that begins so. */
    private static final Pattern NAME = Pattern.compile("found no command; |Missing required parameter");

    @TempDir
    private Path folder;

    @Test
    void parse() throws IOException {
        Path config = Files.writeString(folder.resolve("gateway.yaml"), """
                underlay: {local: 198.18.0.2}
                vnis: [{vni: 42, flood: [198.18.0.1]}]
                """);
        Path policy = Files.writeString(folder.resolve("policy.yaml"), "in: {default: deny}\n");
        Set<String> tried = new TreeSet<>();
        List<String> wrong = new ArrayList<>();
        for (Path page : pages()) {
            for (String command : commands(Files.readString(page))) {
                List<String> words = words(command, config, policy);
                if (words.isEmpty() || !tried.add(String.join(" ", words))) continue;
                Outcome outcome = Outcome.of(
                        Map.of("PEREGRINE_SOCKET", folder.resolve("none.sock").toString()),
                        words.toArray(String[]::new));
                if (outcome.exit() == 2 && !NAME.matcher(outcome.err()).lookingAt())
                    wrong.add(ROOT.relativize(page) + ": peregrine " + command + ": " + outcome.err());
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(tried.size() > 55, () -> "only " + tried.size() + " commands were found: " + tried);
    }

    /** All commands of a page, as they are written. */
    private static List<String> commands(String page) {
        String text = page.replace("\\\n", " ");
        List<String> commands = new ArrayList<>();
        for (MatchResult block : BLOCK.matcher(text).results().toList()) {
            IN_BLOCK.matcher(block.group(1))
                    .results()
                    .map(line -> line.group(1))
                    .forEach(commands::add);
        }
        IN_TEXT.matcher(BLOCK.matcher(text).replaceAll(""))
                .results()
                .map(inline -> inline.group(1).replace('\n', ' ').replace("\\|", "|"))
                .forEach(commands::add);
        return commands;
    }

    /** The words of a command, with files and sockets that are here; none if it is only the form of a command. */
    private List<String> words(String command, Path config, Path policy) {
        List<String> words = new ArrayList<>();
        WORD.matcher(END.matcher(command).replaceFirst(""))
                .results()
                .map(word -> word.group(1) != null ? word.group(1) : word.group(2))
                .forEach(words::add);
        for (int i = 1; i < words.size(); i++) {
            switch (words.get(i - 1)) {
                case "--config" -> words.set(i, config.toString());
                case "--socket" -> words.set(i, folder.resolve("none.sock").toString());
                case "--write" -> words.set(i, folder.resolve("capture").toString());
                default -> {}
            }
        }
        if (words.size() > 3 && words.get(0).equals("policy") && words.get(1).equals("replace")) {
            words.replaceAll(word -> word.equals("FILE") ? policy.toString() : word);
        }
        if (words.stream().anyMatch(word -> FORM.matcher(word).find() && !NAMES.contains(word))) return List.of();
        return words.isEmpty() || words.stream().anyMatch(NOT_RUN::contains) ? List.of() : words;
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String folder : List.of(".", "docs", "scripts")) {
            try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md") && !file.endsWith("CHANGELOG.md"))
                        .sorted()
                        .forEach(pages::add);
            }
        }
        return pages;
    }
}
