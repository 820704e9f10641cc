package dev.peregrine.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class LineChartTest {
    private final LineChart chart = new LineChart(
            "a.svg",
            "A & <B>",
            "workers",
            "Mpps",
            List.of(
                    new LineChart.Line("measured", false, List.of(point(1, 1), point(2, 2), point(4, 4))),
                    new LineChart.Line("predicted", true, List.of(point(1, 0), point(4, 4)))));

    private static LineChart.Point point(double x, double y) {
        return new LineChart.Point(x, new Summary(y, y, y, 1));
    }

    @Test
    void isWellFormedAndDashesWhatWasNotMeasured() throws IOException, SAXException, ParserConfigurationException {
        Document document = parse();
        assertTrue(document.getDocumentElement().getTextContent().contains("A & <B>, Mpps"));
        assertEquals("", path(document, 0).getAttribute("stroke-dasharray"));
        assertEquals("6 4", path(document, 1).getAttribute("stroke-dasharray"));
    }

    @Test
    void putsDoublesOfXAtEqualDistances() throws IOException, SAXException, ParserConfigurationException {
        Document document = parse();
        double one = coordinate(document, 0);
        double two = coordinate(document, 1);
        double four = coordinate(document, 2);
        assertEquals(four - two, two - one, 0.11);
    }

    private static double coordinate(Document document, int circle) {
        return Double.parseDouble(
                ((Element) document.getElementsByTagName("circle").item(circle)).getAttribute("cx"));
    }

    private static Element path(Document document, int index) {
        return (Element) document.getElementsByTagName("path").item(index);
    }

    private Document parse() throws IOException, SAXException, ParserConfigurationException {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(chart.svg())));
    }
}
