package dev.peregrine.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Horizontal bars in groups, as an SVG image: a bar is a median; the line across its end spans from the least to the
 * most.
 *
 * @param unit of all values
 * @param series names and order of the bars within a group
 */
public record Chart(String fileName, String title, String unit, List<String> series, List<Group> groups)
        implements Picture {
    /** Bars that belong together. */
    public record Group(String label, List<Bar> bars) {}

    /** One of the series in a group. */
    public record Bar(String series, Summary summary) {}

    private static final List<String> COLOURS = List.of(
            "#9aa5b1", "#3e6fb0", "#7aa6dc", "#b9d0ee", "#8a6bb8", "#d2562b", "#8c2f0f", "#e8945f", "#efb48f",
            "#f5d2bb", "#c9a227");
    private static final int WIDTH = 900;
    private static final int LEFT = 300;
    private static final int RIGHT = 90;
    private static final int TOP = 70;
    private static final int BAR = 14;
    private static final int GAP = 14;
    private static final int BASELINE = 11;
    private static final int LEGEND_COLUMN = 150;

    @Override
    public String svg() {
        int legendRows = Math.ceilDiv(series.size(), columns());
        int top = TOP + (legendRows - 1) * (BAR + 4);
        int bars = groups.stream().mapToInt(group -> group.bars().size()).sum();
        int height = top + bars * BAR + groups.size() * GAP + GAP;
        List<String> lines = new ArrayList<>();
        lines.add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" %s>"
                .formatted(WIDTH, height, "font-family=\"sans-serif\" font-size=\"11\""));
        lines.add(box(0, 0, WIDTH, height, "#ffffff"));
        lines.add(text(GAP, 24, "start", "font-size=\"15\" font-weight=\"bold\"", title + ", " + unit));
        legend(lines);
        int y = top;
        for (Group group : groups) {
            lines.add(text(LEFT - 8, y + group.bars().size() * BAR / 2 + 4, "end", "", group.label()));
            for (Bar bar : group.bars()) {
                bar(lines, bar, y);
                y += BAR;
            }
            y += GAP;
        }
        lines.add("</svg>");
        return String.join("\n", lines) + "\n";
    }

    private void legend(List<String> lines) {
        for (int i = 0; i < series.size(); i++) {
            int x = GAP + i % columns() * LEGEND_COLUMN;
            int y = 38 + i / columns() * (BAR + 4);
            lines.add(box(x, y, 10, 10, colour(i)));
            lines.add(text(x + 15, y + 9, "start", "", series.get(i)));
        }
    }

    private static int columns() {
        return (WIDTH - 2 * GAP) / LEGEND_COLUMN;
    }

    private void bar(List<String> lines, Bar bar, int y) {
        Summary summary = bar.summary();
        double least = x(summary.min());
        double most = x(summary.max());
        lines.add(box(LEFT, y, x(summary.median()) - LEFT, BAR - 2, colour(series.indexOf(bar.series()))));
        lines.add(box(least, y + BAR / 2.0 - 1.5, most - least, 1, "#222222"));
        lines.add(text(most + 4, y + BASELINE, "start", "", Numbers.text(summary.median())));
    }

    private double x(double value) {
        double most = groups.stream()
                .flatMap(group -> group.bars().stream())
                .mapToDouble(bar -> bar.summary().max())
                .max()
                .orElse(1);
        return LEFT + (most > 0 ? value / most : 0) * (WIDTH - LEFT - RIGHT);
    }

    /** The colour of a series. */
    static String colour(int series) {
        return COLOURS.get(series % COLOURS.size());
    }

    /** A text element, its content escaped. */
    static String text(double x, double y, String anchor, String attributes, String content) {
        String escaped = content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        return "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" %s>%s</text>"
                .formatted(at(x), at(y), anchor, attributes, escaped);
    }

    private static String box(double x, double y, double width, double height, String colour) {
        return "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"%s\"/>"
                .formatted(at(x), at(y), at(width), at(height), colour);
    }

    private static String at(double coordinate) {
        return String.format(Locale.ROOT, "%.1f", coordinate);
    }
}
