package dev.peregrine.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Lines over a logarithmic x axis and a y axis from 0, as an SVG image; a bar through a point spans from the least to
 * the most.
 *
 * @param xTitle the unit of x
 * @param unit of y
 */
public record LineChart(String fileName, String title, String xTitle, String unit, List<Line> lines)
        implements Picture {
    /**
     * One series.
     *
     * @param dashed whether it was computed rather than measured
     */
    public record Line(String series, boolean dashed, List<Point> points) {}

    /** A value at some x, which is more than 0. */
    public record Point(double x, Summary summary) {}

    private static final int WIDTH = 900;
    private static final int HEIGHT = 460;
    private static final int LEFT = 70;
    private static final int RIGHT = 30;
    private static final int BOTTOM = 50;
    private static final int LEGEND_ROW = 16;
    private static final int LEGEND_COLUMN = 280;
    private static final int LEGEND_TOP = 38;
    private static final int GRID_LINES = 5;

    @Override
    public String svg() {
        List<String> out = new ArrayList<>();
        out.add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" %s>"
                .formatted(WIDTH, HEIGHT, "font-family=\"sans-serif\" font-size=\"11\""));
        out.add("<rect x=\"0\" y=\"0\" width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>".formatted(WIDTH, HEIGHT));
        out.add(text(14, 24, "start", "font-size=\"15\" font-weight=\"bold\"", title + ", " + unit));
        grid(out);
        for (int i = 0; i < lines.size(); i++) {
            line(out, lines.get(i), Chart.colour(i + 1));
            legend(out, i);
        }
        out.add("</svg>");
        return String.join("\n", out) + "\n";
    }

    private void grid(List<String> out) {
        for (int i = 0; i <= GRID_LINES; i++) {
            double value = most() * i / GRID_LINES;
            out.add(segment(LEFT, y(value), WIDTH - RIGHT, y(value), "stroke=\"#dddddd\""));
            out.add(text(LEFT - 6, y(value) + 4, "end", "", Numbers.text(value)));
        }
        xs().distinct().sorted().forEach(value -> {
            out.add(segment(x(value), y(0), x(value), y(0) + 4, "stroke=\"#222222\""));
            out.add(text(x(value), y(0) + 16, "middle", "", Numbers.text(value)));
        });
        out.add(text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12, "middle", "", xTitle));
    }

    private void line(List<String> out, Line line, String colour) {
        String stroke =
                "stroke=\"%s\" stroke-width=\"2\"%s".formatted(colour, line.dashed ? " stroke-dasharray=\"6 4\"" : "");
        StringBuilder path = new StringBuilder();
        for (Point point : line.points) {
            Summary summary = point.summary;
            path.append(path.isEmpty() ? "M" : " L")
                    .append(at(x(point.x)))
                    .append(' ')
                    .append(at(y(summary.median())));
            out.add("<circle cx=\"%s\" cy=\"%s\" r=\"3\" fill=\"%s\"/>"
                    .formatted(at(x(point.x)), at(y(summary.median())), colour));
            out.add(segment(x(point.x), y(summary.min()), x(point.x), y(summary.max()), "stroke=\"" + colour + "\""));
        }
        out.add("<path d=\"%s\" fill=\"none\" %s/>".formatted(path, stroke));
    }

    private void legend(List<String> out, int index) {
        int x = 14 + index % columns() * LEGEND_COLUMN;
        int y = LEGEND_TOP + index / columns() * LEGEND_ROW;
        String dash = lines.get(index).dashed ? " stroke-dasharray=\"6 4\"" : "";
        out.add(segment(
                x,
                y + 5,
                x + 24,
                y + 5,
                "stroke=\"%s\" stroke-width=\"2\"%s".formatted(Chart.colour(index + 1), dash)));
        out.add(text(x + 30, y + 9, "start", "", lines.get(index).series));
    }

    private static int columns() {
        return (WIDTH - 28) / LEGEND_COLUMN;
    }

    private int top() {
        return LEGEND_TOP + Math.ceilDiv(lines.size(), columns()) * LEGEND_ROW + 14;
    }

    private DoubleStream xs() {
        return lines.stream().flatMap(line -> line.points.stream()).mapToDouble(Point::x);
    }

    private double most() {
        double most = lines.stream()
                .flatMap(line -> line.points.stream())
                .mapToDouble(point -> point.summary.max())
                .max()
                .orElse(1);
        return most > 0 ? most : 1;
    }

    private double x(double value) {
        double least = Math.log(xs().min().orElse(1));
        double range = Math.log(xs().max().orElse(1)) - least;
        return LEFT + (range > 0 ? (Math.log(value) - least) / range : 0.5) * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - value / most() * (HEIGHT - BOTTOM - top());
    }

    private static String text(double x, double y, String anchor, String attributes, String content) {
        return Chart.text(x, y, anchor, attributes, content);
    }

    private static String segment(double x1, double y1, double x2, double y2, String attributes) {
        return "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" %s/>"
                .formatted(at(x1), at(y1), at(x2), at(y2), attributes);
    }

    private static String at(double coordinate) {
        return String.format(Locale.ROOT, "%.1f", coordinate);
    }
}
