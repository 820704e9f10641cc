package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code control frr}, which wants no gateway. */
class FrrCommandTest {
    @TempDir
    Path folder;

    private static Outcome frr(String... words) {
        List<String> all = new ArrayList<>(List.of("control", "frr"));
        all.addAll(List.of(words));
        return Outcome.of(all.toArray(String[]::new));
    }

    @Test
    void printsAConfiguration() throws IOException {
        Path password = Files.writeString(folder.resolve("password"), "s3cret\n");
        Outcome outcome = frr(
                "--local=10.0.0.2",
                "--as=65001",
                "--peer=10.0.0.1",
                "--peer=10.0.0.9=65009",
                "--keepalive=1",
                "--hold=4",
                "--password-file=" + password);
        assertEquals(0, outcome.exit(), outcome.toString());
        for (String line : List.of(
                "router bgp 65001",
                " bgp router-id 10.0.0.2",
                " timers bgp 1 4",
                " neighbor 10.0.0.1 remote-as 65001",
                " neighbor 10.0.0.1 password s3cret",
                " neighbor 10.0.0.9 remote-as 65009",
                "  advertise-all-vni")) {
            assertTrue(outcome.out().contains("\n" + line + "\n"), line + ": " + outcome);
        }
    }

    @Test
    void takesTheAddressFromTheConfiguration() throws IOException {
        Path config = Files.writeString(folder.resolve("gateway.yaml"), "underlay: {local: 10.0.0.7}\nvnis: []\n");
        Outcome outcome = frr("--as", "65001", "--peer", "10.0.0.1", "--config", config.toString());
        assertTrue(outcome.out().contains(" bgp router-id 10.0.0.7\n"), outcome.toString());
    }

    @Test
    void saysWhatIsWrong() {
        refused("10.0.0.256", "--local=10.0.0.2", "--as=65001", "--peer=10.0.0.256");
        refused("AS number", "--local=10.0.0.2", "--as=65001", "--peer=10.0.0.1=x");
        refused("AS number 0", "--local=10.0.0.2", "--as=0", "--peer=10.0.0.1");
        refused("IPv4", "--local=fd00::2", "--as=65001", "--peer=10.0.0.1");
        refused("--config FILE", "--as=65001", "--peer=10.0.0.1");
        refused("cannot be read", "--local=10.0.0.2", "--as=65001", "--peer=10.0.0.1", "--password-file=/nowhere");
    }

    private static void refused(String why, String... words) {
        Outcome outcome = frr(words);
        assertEquals(2, outcome.exit(), outcome.toString());
        assertTrue(outcome.err().contains(why), outcome.toString());
        assertEquals("", outcome.out());
    }
}
