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

class ChartTest {
    private final Chart chart = new Chart(
            "a.svg",
            "Speed <of> \"A & B\"",
            "Mpps",
            List.of("A", "B & <C>"),
            List.of(
                    new Chart.Group(
                            "one & only",
                            List.of(
                                    new Chart.Bar("A", new Summary(1, 0.5, 2, 3)),
                                    new Chart.Bar("B & <C>", new Summary(0.5, 0.5, 0.5, 3)))),
                    new Chart.Group("two", List.of(new Chart.Bar("A", new Summary(0, 0, 0, 3))))));

    @Test
    void isWellFormedWhateverTheLabels() throws IOException, SAXException, ParserConfigurationException {
        Document document = parse(chart.svg());
        assertEquals("svg", document.getDocumentElement().getTagName());
        assertTrue(document.getDocumentElement().getTextContent().contains("Speed <of> \"A & B\", Mpps"));
        assertTrue(document.getDocumentElement().getTextContent().contains("one & only"));
    }

    @Test
    void drawsBarsInProportion() throws IOException, SAXException, ParserConfigurationException {
        Document document = parse(chart.svg());
        List<Double> widths = new java.util.ArrayList<>();
        for (int i = 0; i < document.getElementsByTagName("rect").getLength(); i++) {
            Element box = (Element) document.getElementsByTagName("rect").item(i);
            if (box.getAttribute("height").equals("12.0")) {
                widths.add(Double.valueOf(box.getAttribute("width")));
            }
        }
        assertEquals(3, widths.size());
        assertEquals(widths.get(0) / 2, widths.get(1), 0.1);
        assertEquals(0, widths.get(2));
    }

    private static Document parse(String svg) throws IOException, SAXException, ParserConfigurationException {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }
}
