package dev.peregrine.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ChartTest {
    /** The legend's sample of a colour is no wider than that. */
    private static final int LEGEND_PIXELS = 25;

    @Test
    void drawsBarsInProportion() throws IOException {
        BarChart chart = new BarChart(
                "a.png",
                "Speed <of> \"A & B\"",
                "Mpps",
                List.of("A", "B & <C>"),
                List.of(
                        new BarChart.Group(
                                "one & only",
                                List.of(
                                        new BarChart.Bar("A", new Summary(1, 1, 1, 3)),
                                        new BarChart.Bar("B & <C>", new Summary(0.5, 0.5, 0.5, 3)))),
                        new BarChart.Group("two", List.of(new BarChart.Bar("A", new Summary(0, 0, 0, 3))))));

        BufferedImage picture = read(chart);

        int whole = longestRun(picture, 0);
        assertTrue(whole > picture.getWidth() / 2, "a bar of " + whole + " pixels");
        assertEquals(whole / 2.0, longestRun(picture, 1), 2);
    }

    @Test
    void marksTheRangeAcrossTheEndOfABar() throws IOException {
        BufferedImage certain = read(bar(new Summary(1, 1, 1, 3)));
        BufferedImage spread = read(bar(new Summary(1, 0.5, 1, 3)));
        assertTrue(dark(spread) > dark(certain) + 100, dark(spread) + " dark pixels against " + dark(certain));
    }

    @Test
    void hasRoomForEveryGroup() throws IOException {
        int one = read(bars(1)).getHeight();
        int twenty = read(bars(20)).getHeight();
        assertTrue(twenty > one + 19 * 20, one + " and " + twenty + " pixels high");
    }

    @Test
    void labelsAGroupThatIsAlone() throws IOException {
        BarChart chart = bar(new Summary(1, 1, 1, 3));
        BarChart.Group longer = new BarChart.Group(
                "a group with a long name", chart.groups().getFirst().bars());
        BarChart other = new BarChart("a.png", "one", "Mpps", List.of("A"), List.of(longer));
        assertTrue(dark(read(other)) > dark(read(chart)) + 100);
    }

    @Test
    void dashesWhatWasNotMeasured() throws IOException {
        BufferedImage picture = read(new LineChart(
                "a.png",
                "A & <B>",
                "workers",
                "Mpps",
                List.of(
                        new LineChart.Line("measured", false, List.of(point(1, 4), point(4, 4))),
                        new LineChart.Line("predicted", true, List.of(point(1, 2), point(4, 2))))));
        assertTrue(longestRun(picture, 0) > picture.getWidth() / 2);
        assertTrue(longestRun(picture, 1) < LEGEND_PIXELS);
    }

    private static LineChart.Point point(double x, double y) {
        return new LineChart.Point(x, new Summary(y, y, y, 1));
    }

    private static BarChart bar(Summary summary) {
        return new BarChart(
                "a.png",
                "one",
                "Mpps",
                List.of("A"),
                List.of(new BarChart.Group("one", List.of(new BarChart.Bar("A", summary)))));
    }

    private static BarChart bars(int groups) {
        BarChart.Group group = bar(new Summary(1, 1, 1, 1)).groups().getFirst();
        return new BarChart(
                "a.png",
                "many",
                "Mpps",
                List.of("A"),
                IntStream.range(0, groups)
                        .mapToObj(i -> new BarChart.Group("group " + i, group.bars()))
                        .toList());
    }

    private static BufferedImage read(Picture picture) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(picture.png()));
    }

    /** The most pixels side by side that have the colour of a series. */
    private static int longestRun(BufferedImage picture, int series) {
        int longest = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            int run = 0;
            for (int x = 0; x < picture.getWidth(); x++) {
                run = picture.getRGB(x, y) == Plot.colour(series).getRGB() ? run + 1 : 0;
                longest = Math.max(longest, run);
            }
        }
        return longest;
    }

    private static long dark(BufferedImage picture) {
        long dark = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                dark += (picture.getRGB(x, y) & 0xffffff) < 0x404040 ? 1 : 0;
            }
        }
        return dark;
    }
}
