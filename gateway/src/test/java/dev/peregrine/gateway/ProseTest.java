package dev.peregrine.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Comments and pages keep to the style that CONTRIBUTING.md asks for, as far as a program can tell. */
class ProseTest {
    private static final Path ROOT = Path.of("..");
    private static final int WIDTH = 120;
    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|(?m)(?:^[ \\t]*//.*\\n)+");
    private static final Pattern COMMENT_LINE = Pattern.compile("[ \\t]*(?:/?\\*|//).*");
    private static final Pattern PICTURE = Pattern.compile("(?s)<pre>.*?</pre>");
    private static final Pattern MARGIN = Pattern.compile("(?m)^[ \\t]*(?:/\\*\\*?|\\*/|\\*|//) ?");
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```$|^\\|.*?$");

    /** A clause as the subject of a sentence: a noun in its place says at once what the sentence is about. */
    private static final Pattern CLAUSE =
            Pattern.compile("(?:^|(?<=[.:;!?] )|(?<=\\n\\n)|(?<=<p>))(?:What|Who)(?:ever|se)?\\b[^.]{0,60}");

    private static final Pattern DIALECT = Pattern.compile("(?i)\\bso many\\b.{0,40}");

    @Test
    void linesOfCommentsEndInTime() throws IOException {
        List<String> wide = new ArrayList<>();
        for (Path file : files(".java")) {
            String text = PICTURE.matcher(Files.readString(file)).replaceAll("");
            text.lines()
                    .filter(line -> line.length() > WIDTH)
                    .filter(line -> COMMENT_LINE.matcher(line).matches())
                    .forEach(line -> wide.add(file + ": " + line.strip()));
        }
        assertEquals(List.of(), wide, "lines of comments with more than " + WIDTH + " characters");
    }

    @Test
    void linesOfPagesEndInTime() throws IOException {
        List<String> wide = new ArrayList<>();
        for (Path page : files(".md")) {
            String prose = FENCED.matcher(Files.readString(page)).replaceAll("");
            prose.lines().filter(line -> line.length() > WIDTH).forEach(line -> wide.add(page + ": " + line));
        }
        assertEquals(List.of(), wide, "lines of prose with more than " + WIDTH + " characters");
    }

    @Test
    void sentencesNameTheirSubject() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : files(".java")) {
            COMMENT.matcher(Files.readString(file))
                    .results()
                    .forEach(comment ->
                            find(file, MARGIN.matcher(comment.group()).replaceAll(""), found));
        }
        for (Path page : files(".md")) {
            find(page, FENCED.matcher(Files.readString(page)).replaceAll(""), found);
        }
        assertEquals(List.of(), found, "sentences that begin with What or Who, and 'so many' for 'at most'");
    }

    private static void find(Path file, String prose, List<String> found) {
        String text = prose.strip().replaceAll("(?<!\\n)[ \\t]*\\n[ \\t]*(?!\\n)", " ");
        Stream.of(CLAUSE, DIALECT)
                .flatMap(pattern -> pattern.matcher(text).results())
                .forEach(match -> found.add(file + ": " + match.group()));
    }

    private static List<Path> files(String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(ROOT)) {
            List<Path> files = all.filter(file -> file.toString().endsWith(suffix))
                    .filter(file ->
                            !file.toString().matches(".*/(?:target|src/test/resources|\\.[^./][^/]*|node_modules)/.*"))
                    .sorted()
                    .toList();
            assertTrue(files.size() > 20, () -> "only " + files);
            return files;
        }
    }
}
