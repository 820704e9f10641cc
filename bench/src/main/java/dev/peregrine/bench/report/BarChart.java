package dev.peregrine.bench.report;

import java.awt.BasicStroke;
import java.io.IOException;
import java.util.List;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Horizontal bars in groups: a bar is a median; the line across its end spans from the least to the most.
 *
 * @param unit of all values
 * @param series names and order of the bars within a group
 */
public record BarChart(String fileName, String title, String unit, List<String> series, List<Group> groups)
        implements Picture {
    /** Bars that belong together. */
    public record Group(String label, List<Bar> bars) {
        /** Whether a series has a bar here. */
        public boolean has(String series) {
            return bars.stream().anyMatch(bar -> bar.series.equals(series));
        }
    }

    /** One of the series in a group. */
    public record Bar(String series, Summary summary) {}

    private static final int BAR_PIXELS = 20;
    private static final BasicStroke STROKE = new BasicStroke(14, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER);
    /** Between two groups, in bars. */
    private static final double GAP = 1;
    /** Space behind the longest bar for its number, as a share of the axis. */
    private static final double ROOM = 0.1;

    private static final double NUMBER_OFFSET = 0.03;

    @Override
    public byte[] png() throws IOException {
        int groupPixels = (int) (pitch() * BAR_PIXELS);
        String xTitle = unit + " (bar: median; line: least to most)";
        Plot plot = new Plot(title, xTitle, "", groups.size() * groupPixels, series);
        XYStyler style = plot.chart().getStyler();
        style.setXAxisMin(0.0).setXAxisMax(end()).setPlotGridHorizontalLinesVisible(false);
        style.setYAxisMin(-0.5).setYAxisMax(groups.size() - 0.5);
        style.setYAxisTickMarkSpacingHint(groupPixels * 4 / 5); // so that there is a tick at each whole number
        style.setyAxisTickLabelsFormattingFunction(Plot.wholeNumbers(this::label));
        for (int i = 0; i < series.size(); i++) {
            add(plot, i);
        }
        return plot.png();
    }

    private void add(Plot plot, int index) {
        String name = series.get(index);
        Plot.Points bars = new Plot.Points();
        Plot.Points ranges = new Plot.Points();
        for (int group = 0; group < groups.size(); group++) {
            double y = groups.size() - 1 - group + ((series.size() - 1) / 2.0 - index) / pitch();
            for (Bar bar : groups.get(group).bars) {
                if (bar.series.equals(name)) {
                    Summary value = bar.summary;
                    bars.segment(0, y, value.median(), y);
                    ranges.segment(value.min(), y, value.max(), y);
                    double behind = value.max() + end() * NUMBER_OFFSET;
                    plot.chart().addAnnotation(new AnnotationText(Numbers.text(value.median()), behind, y, false));
                }
            }
        }
        plot.line(name, bars, index, STROKE, SeriesMarkers.NONE);
        plot.ranges(name, ranges);
    }

    /** From one group to the next, in bars. */
    private double pitch() {
        return series.size() + GAP;
    }

    private double end() {
        return most() * (1 + ROOM);
    }

    private double most() {
        return groups.stream()
                .flatMap(group -> group.bars.stream())
                .mapToDouble(bar -> bar.summary.max())
                .filter(value -> value > 0)
                .max()
                .orElse(1);
    }

    /** Groups stand from top to bottom, numbers from bottom to top. */
    private String label(int y) {
        int group = groups.size() - 1 - y;
        return group >= 0 && group < groups.size() ? groups.get(group).label : "";
    }
}
