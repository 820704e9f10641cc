package dev.peregrine.bench.report;

import java.awt.BasicStroke;
import java.io.IOException;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Lines over a logarithmic x axis and a y axis from 0; a bar through a point spans from the least to the most.
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

    private static final int HEIGHT = 420;
    private static final float WIDTH = 3;
    private static final float[] DASHES = {6, 6};
    /** Beside the first and the last point, as an exponent of 2. */
    private static final double MARGIN = 0.2;

    private static final int TICK_PIXELS = 100;

    @Override
    public byte[] png() throws IOException {
        String yTitle = unit + " (point: median; bar: least to most)";
        Plot plot = new Plot(
                title, xTitle, yTitle, HEIGHT, lines.stream().map(Line::series).toList());
        XYStyler style = plot.chart().getStyler();
        style.setYAxisMin(0.0).setXAxisTickMarkSpacingHint(TICK_PIXELS);
        DoubleSummaryStatistics xs = lines.stream()
                .flatMap(line -> line.points.stream())
                .mapToDouble(point -> exponent(point.x))
                .summaryStatistics();
        style.setXAxisMin(xs.getMin() - MARGIN).setXAxisMax(xs.getMax() + MARGIN);
        style.setxAxisTickLabelsFormattingFunction(Plot.wholeNumbers(x -> Numbers.text(Math.pow(2, x))));
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            Plot.Points points = new Plot.Points();
            Plot.Points ranges = new Plot.Points();
            for (Point point : line.points) {
                double x = exponent(point.x);
                points.add(x, point.summary.median());
                ranges.segment(x, point.summary.min(), x, point.summary.max());
            }
            plot.line(line.series, points, i, stroke(line.dashed), SeriesMarkers.CIRCLE);
            plot.ranges(line.series, ranges);
        }
        return plot.png();
    }

    private static double exponent(double x) {
        return Math.log(x) / Math.log(2);
    }

    private static BasicStroke stroke(boolean dashed) {
        return new BasicStroke(WIDTH, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 1, dashed ? DASHES : null, 0);
    }
}
