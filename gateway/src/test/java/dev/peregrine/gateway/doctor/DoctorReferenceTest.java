package dev.peregrine.gateway.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.probe.TrafficSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of {@code docs/doctor.md} is made of the checks: write it with -Dpg.docs=write. */
class DoctorReferenceTest {
    private static final Path PAGE = Path.of("../docs/doctor.md");
    private static final String BEGIN = "<!-- Generated from the checks in dev.peregrine.gateway.doctor: begin -->\n";
    private static final String END = "<!-- end -->\n";
    private static final List<Check> CHECKS = Doctor.checks(TrafficSample.none("no host"));

    @Test
    void tableIsWhatTheChecksSay() throws IOException {
        String page = Files.readString(PAGE);
        StringBuilder table = new StringBuilder("| check | is well when |\n|---|---|\n");
        for (Check check : CHECKS) table.append("| `%s` | %s |\n".formatted(check.name(), check.about()));
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        assertTrue(begin >= BEGIN.length() && end >= begin, () -> PAGE + " has the lines " + BEGIN + END);
        String expected = page.substring(0, begin) + table + page.substring(end);
        if ("write".equals(System.getProperty("pg.docs"))) Files.writeString(PAGE, expected);
        assertEquals(expected, Files.readString(PAGE), "run this test with -Dpg.docs=write");
    }

    @Test
    void namesAreUnique() {
        assertEquals(CHECKS.size(), CHECKS.stream().map(Check::name).distinct().count());
    }
}
