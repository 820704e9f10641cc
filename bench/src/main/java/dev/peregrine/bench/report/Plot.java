package dev.peregrine.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A chart of one look: white, its legend below it, series in colours that are told apart. */
final class Plot {
    static {
        // before the first colour: a display, if there is one, is not asked
        System.setProperty("java.awt.headless", "true");
    }

    private static final List<Color> COLOURS = Stream.of(
                    0x9aa5b1, 0x3e6fb0, 0x7aa6dc, 0x8a6bb8, 0xd2562b, 0x4f9d69, 0xc9a227, 0x8c2f0f, 0xe8945f, 0x2f4858,
                    0xefb48f)
            .map(Color::new)
            .toList();
    private static final Color RANGE = new Color(0x222222);
    private static final float RANGE_WIDTH = 1.5f;
    private static final int WIDTH = 1000;
    /** Title and axis. */
    private static final int FRAME_PIXELS = 110;

    private static final int LEGEND_ROW_PIXELS = 22;
    /** The legend's names side by side have that many letters at most, else they stand one below the other. */
    private static final int MOST_LETTERS = 120;
    /** The room of a name besides its letters. */
    private static final int NAME_LETTERS = 6;

    private final XYChart chart;

    /**
     * A chart that has nothing yet.
     *
     * @param height of the part between the axes, about
     * @param series the names of the legend
     */
    Plot(String title, String xTitle, String yTitle, int height, List<String> series) {
        int letters =
                series.stream().mapToInt(name -> name.length() + NAME_LETTERS).sum();
        boolean isOneRow = letters <= MOST_LETTERS;
        chart = new XYChartBuilder()
                .title(title)
                .xAxisTitle(xTitle)
                .yAxisTitle(yTitle)
                .width(WIDTH)
                .height(height + FRAME_PIXELS + LEGEND_ROW_PIXELS * (isOneRow ? 1 : series.size()))
                .build();
        XYStyler style = chart.getStyler();
        style.setLegendPosition(LegendPosition.OutsideS)
                .setLegendLayout(isOneRow ? LegendLayout.Horizontal : LegendLayout.Vertical)
                .setLegendBorderColor(Color.WHITE)
                .setChartBackgroundColor(Color.WHITE)
                .setPlotBorderVisible(false)
                .setPlotContentSize(1);
        style.setPlotMargin(0);
    }

    XYChart chart() {
        return chart;
    }

    /**
     * The labels of an axis that has some at whole numbers alone, for values from -1. Between them, and where {@code
     * label} is empty, are spaces, no two alike: the library leaves off an axis with equal labels.
     */
    static Function<Double, String> wholeNumbers(IntFunction<String> label) {
        return value -> {
            int whole = (int) Math.rint(value);
            String text = Math.abs(value - whole) < 1e-6 ? label.apply(whole) : "";
            return text.isEmpty() ? " ".repeat((int) Math.rint(2 * Math.max(-1, value)) + 3) : text;
        };
    }

    /** Points that are joined by lines, but for those at which one of both coordinates is NaN. */
    static final class Points {
        private final List<Double> xs = new ArrayList<>();
        private final List<Double> ys = new ArrayList<>();

        void add(double x, double y) {
            xs.add(x);
            ys.add(y);
        }

        void segment(double fromX, double fromY, double toX, double toY) {
            add(fromX, fromY);
            add(toX, toY);
            add(Double.NaN, toY);
        }
    }

    /** The colour of a series. */
    static Color colour(int index) {
        return COLOURS.get(index % COLOURS.size());
    }

    /** Draws a series; {@code index} chooses its colour. */
    void line(String name, Points points, int index, BasicStroke stroke, Marker marker) {
        Color colour = colour(index);
        chart.addSeries(name, points.xs, points.ys)
                .setMarker(marker)
                .setMarkerColor(colour)
                .setLineColor(colour)
                .setLineStyle(stroke);
    }

    /** Draws the lines of a series from the least to the most; the legend does not name them. */
    void ranges(String name, Points points) {
        chart.addSeries(name + ", least to most", points.xs, points.ys)
                .setMarker(SeriesMarkers.NONE)
                .setLineColor(RANGE)
                .setLineStyle(new BasicStroke(RANGE_WIDTH, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER))
                .setShowInLegend(false);
    }

    byte[] png() throws IOException {
        return BitmapEncoder.getBitmapBytes(chart, BitmapFormat.PNG);
    }
}
