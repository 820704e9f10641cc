package dev.peregrine.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents agree with each other and with the names in the code. */
class DocumentationTest {
    private static final Path ROOT = Path.of("..");
    private static final Path RECORDS = ROOT.resolve("docs/adr");
    private static final String MODULES = "dataplane|vxlan|fastpath|overlay|controlplane|testkit|gateway|load|bench";
    private static final Path GLOSSARY = ROOT.resolve("docs/glossary.md");
    private static final Pattern RECORD = Pattern.compile("\\d{4}-.*\\.md");
    private static final Pattern TITLE = Pattern.compile("\\A# (\\d+)\\. .+\n\n\\*\\*Status:\\*\\* (.+)\\.\n");
    private static final Pattern LISTED = Pattern.compile("(?m)^\\| \\[(\\d+)]\\((.+?)\\) \\| .+\\. \\| (.+) \\|$");
    private static final Pattern WORD = Pattern.compile("(?m)^\\| (.+?) \\| .+? \\| `(.+?)` \\| .*\\|$");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]*)(?:#([^)\\s]*))?\\)");
    private static final Pattern FILE =
            Pattern.compile("`((?:docs|scripts|deploy|app|" + MODULES + ")(?:/[\\w.-]+)+)`");
    private static final Pattern CLASS = Pattern.compile(
            "`(?:dev\\.peregrine\\.)?((?:" + MODULES + ")(?:\\.[a-z]\\w*)*\\.[A-Z]\\w*)(?:[.#][^`]*)?`");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

    @Test
    void everyDecisionIsListedWithItsNumberAndStatus() throws IOException {
        List<String> written = new ArrayList<>();
        for (Path file : decisions()) {
            MatchResult title = TITLE.matcher(Files.readString(file))
                    .results()
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(
                            file + " must begin with '# NUMBER. TITLE', an empty line, '**Status:** WORD.'"));
            String name = file.getFileName().toString();
            assertEquals(Integer.parseInt(name.substring(0, 4)), Integer.parseInt(title.group(1)), name);
            written.add(title.group(1) + " " + name + " " + title.group(2));
        }
        List<String> listed = LISTED.matcher(Files.readString(RECORDS.resolve("README.md")))
                .results()
                .map(line -> line.group(1) + " " + line.group(2) + " " + line.group(3))
                .toList();
        assertEquals(written, listed, "docs/adr/README.md lists every record in order: number, file, status");
    }

    @Test
    void decisionsAreNumberedWithoutGap() throws IOException {
        List<Integer> numbers = decisions().stream()
                .map(file -> Integer.parseInt(file.getFileName().toString().substring(0, 4)))
                .toList();
        assertEquals(IntStream.rangeClosed(1, numbers.size()).boxed().toList(), numbers);
    }

    @Test
    void theGlossaryIsInAlphabeticalOrder() throws IOException {
        List<String> words = glossary().map(line -> line.group(1)).toList();
        assertTrue(words.size() > 50, () -> "only " + words);
        assertEquals(words.stream().sorted(String.CASE_INSENSITIVE_ORDER).toList(), words);
    }

    @Test
    void theGlossaryNamesClassesThatExist() throws IOException {
        Set<String> missing = glossary().map(line -> line.group(2)).collect(Collectors.toCollection(TreeSet::new));
        missing.removeAll(classes());
        assertEquals(Set.of(), missing, "docs/glossary.md");
    }

    @Test
    void filesThatAreNamedExist() throws IOException {
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (Path page : pages()) {
            for (MatchResult file :
                    FILE.matcher(Files.readString(page)).results().toList()) {
                String name = file.group(1);
                if (name.contains("/target/") || name.contains("/...")) continue; // made by the build; left out
                named++;
                if (!Files.exists(ROOT.resolve(name))) missing.add(ROOT.relativize(page) + ": " + name);
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(named > 20, "only " + named);
    }

    @Test
    void classesThatAreNamedByTheirPackageExist() throws IOException {
        Set<String> known = qualifiedClasses();
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (Path page : pages()) {
            if (page.endsWith("CHANGELOG.md")) continue; // has names of its time
            for (MatchResult name :
                    CLASS.matcher(Files.readString(page)).results().toList()) {
                named++;
                if (!known.contains(name.group(1))) missing.add(ROOT.relativize(page) + ": " + name.group(1));
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(named > 40, "only " + named);
    }

    @Test
    void linksLeadSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult link :
                    LINK.matcher(Files.readString(page)).results().toList()) {
                String target = link.group(1);
                if (target.contains("://")) continue;
                Path other = target.isEmpty() ? page : page.resolveSibling(target);
                String section = link.group(2);
                if (Files.exists(other) && (section == null || sections(other).contains(section))) continue;
                broken.add(ROOT.relativize(page) + " to " + link.group());
            }
        }
        assertEquals(List.of(), broken);
    }

    /** The names by which links lead to the headings of a page. */
    private static Set<String> sections(Path page) throws IOException {
        return HEADING.matcher(Files.readString(page))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    private static List<Path> decisions() throws IOException {
        try (Stream<Path> files = Files.list(RECORDS)) {
            return files.filter(file ->
                            RECORD.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        }
    }

    private static Stream<MatchResult> glossary() throws IOException {
        return WORD.matcher(Files.readString(GLOSSARY)).results();
    }

    /** The simple names of all source files, of this module and its neighbours. */
    private static Set<String> classes() throws IOException {
        return qualifiedClasses().stream()
                .map(name -> name.substring(name.lastIndexOf('.') + 1))
                .collect(Collectors.toSet());
    }

    /** Their names with packages, as the documents write them: without what all packages begin with. */
    private static Set<String> qualifiedClasses() throws IOException {
        Set<String> names = new TreeSet<>();
        for (Path module : children(ROOT)) {
            Path sources = module.resolve("src");
            if (!Files.isDirectory(sources)) continue;
            try (Stream<Path> files = Files.walk(sources)) {
                files.map(Path::toString)
                        .filter(name -> name.endsWith(".java"))
                        .map(name -> name.replaceFirst(".*/dev/peregrine/", "").replaceFirst("\\.java$", ""))
                        .forEach(name -> names.add(name.replace('/', '.')));
            }
        }
        return names;
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String folder : List.of(".", "docs", "docs/adr", "docs/experiments", "scripts")) {
            children(ROOT.resolve(folder)).stream()
                    .filter(file -> file.toString().endsWith(".md"))
                    .forEach(pages::add);
        }
        return pages;
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
