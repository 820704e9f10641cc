package dev.peregrine.bench.report;

import java.util.List;

/** A text in Markdown that grows line by line. */
public final class Markdown {
    private final StringBuilder text = new StringBuilder();

    /** Adds a line. */
    public Markdown line(String line) {
        text.append(line).append('\n');
        return this;
    }

    /** Adds a heading, with empty lines around it. */
    public Markdown heading(int level, String title) {
        return line("").line("#".repeat(level) + " " + title).line("");
    }

    /** Adds a table; every row has as many cells as its head. */
    public Markdown table(List<String> head, List<List<String>> rows) {
        cells(head);
        cells(head.stream().map(cell -> "---").toList());
        rows.forEach(this::cells);
        return this;
    }

    /** Adds a table below an empty line, if it has rows. */
    public Markdown tableOfAny(List<String> head, List<List<String>> rows) {
        return rows.isEmpty() ? this : line("").table(head, rows);
    }

    /** Adds a paragraph that shows a picture. */
    public Markdown picture(Picture picture) {
        return line("").line("![%s](%s)".formatted(picture.title(), picture.fileName()));
    }

    private void cells(List<String> cells) {
        line("| " + String.join(" | ", cells) + " |");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
