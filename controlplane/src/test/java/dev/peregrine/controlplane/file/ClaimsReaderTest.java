package dev.peregrine.controlplane.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClaimsReaderTest {
    private static final IpAddress VTEP = IpAddress.of(InetAddress.ofLiteral("198.18.1.2"));
    private static final IpAddress HOST = IpAddress.of(InetAddress.ofLiteral("fd00::1"));
    private static final long MAC = 0x0200_0000_4202L;

    @TempDir
    Path directory;

    private static String message(Throwable wrong) {
        return String.valueOf(wrong.getMessage());
    }

    private List<Claim> read(String text) throws IOException {
        Path file = directory.resolve("claims.json");
        Files.writeString(file, text);
        List<Claim> claims = new ArrayList<>();
        ClaimsReader.read(file, 1 << 20, claims::add);
        return claims;
    }

    @Test
    void readsWhatThePageShows() throws IOException {
        assertEquals(
                List.of(
                        new Claim.Vtep(VTEP, "h2", "uuid"),
                        new Claim.Member(42, VTEP, true),
                        new Claim.Station(42, MAC, VTEP, -1, true, List.of(HOST)),
                        new Claim.Member(43, VTEP, false)),
                read("""
                        # comments are allowed
                        {"v": 1, "vteps": [{"vtep": "198.18.1.2", "node": "h2", "instance": "uuid", "vnis": [
                          {"vni": 42, "macs": [
                            {"mac": "02:00:00:00:42:02", "seq": 4294967295, "sticky": true, "ips": ["fd00::1"]}]},
                          {"vni": 43, "flood": false}]}]}
                        """));
        assertEquals(List.of(), read("{\"v\": 1, \"vteps\": []}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`[]`|expected an object",
                "`{\"vteps\": []}`|'v' comes first",
                "`{\"v\": 2}`|'v' is a number from 1 to 1, not 2",
                "`{\"v\": 1, \"x\": 1}`|there is no field 'x' here",
                "`{\"v\": 1, \"vteps\": {}}`|'vteps' is a list",
                "`{\"v\": 1, \"vteps\": [{\"node\": \"a\"}]}`|'vtep' comes first",
                "`{\"v\": 1, \"vteps\": [{\"vtep\": \"localhost\"}]}`|'localhost' is no IP address",
                "`{\"v\": 1, \"vteps\": [{\"vtep\": \"10.1\"}]}`|'10.1' is no IP address",
                "`{\"v\": 1, \"vteps\": [{\"vtep\": \"fe80::1%lo\"}]}`|'fe80::1%lo' is no IP address",
                "`{\"v\": 1, \"vteps\": [{\"vtep\": \"10.0.0.1\", \"vnis\": [{\"vni\": 16777216}]}]}`|'vni' is a number",
                "`{\"v\": 1, \"vteps\": []} 1`|there is something after the end",
                "`{\"v\": 1, \"vteps\": [`|Unexpected end",
                "`{\"v\": 1, \"v\": 1}`|Duplicate field",
            })
    void namesTheLineAndWhatIsWrong(String text, String message) {
        ClaimsException wrong = assertThrows(ClaimsException.class, () -> read("\n" + text));
        assertTrue(message(wrong).contains("claims.json:2: "), wrong::getMessage);
        assertTrue(message(wrong).contains(message), wrong::getMessage);
    }

    @Test
    void whatTheWriterWroteIsReadAsItWas() throws IOException {
        long seed = Long.getLong("peregrine.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            Set<Claim> claims = new HashSet<>();
            claims.add(new Claim.Vtep(VTEP, "näme \"" + round, ""));
            for (int vni = 0; vni < 4; vni++) {
                claims.add(new Claim.Member(vni, VTEP, random.nextBoolean()));
                int stations = random.nextInt(4);
                for (int i = 0; i < stations; i++) {
                    List<IpAddress> addresses = random.nextBoolean() ? List.of() : List.of(HOST, VTEP);
                    claims.add(
                            new Claim.Station(vni, MAC + i, VTEP, random.nextInt(), random.nextBoolean(), addresses));
                }
            }
            Path file = directory.resolve("written.json");
            try (ClaimsWriter writer = new ClaimsWriter(file)) {
                writer.vtep(VTEP, List.copyOf(claims));
                writer.finish();
            }
            Set<Claim> again = new HashSet<>();
            ClaimsReader.read(file, 1 << 20, again::add);
            assertEquals(claims, again, "seed " + seed);
        }
    }

    @Test
    void aWriterThatGivesUpLeavesTheOldFile() throws IOException {
        Path file = directory.resolve("kept.json");
        Files.writeString(file, "old");
        try (ClaimsWriter writer = new ClaimsWriter(file)) {
            writer.vtep(VTEP, List.of(new Claim.Vtep(VTEP, "", "")));
        }
        assertEquals("old", Files.readString(file));
        try (var files = Files.list(directory)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void randomBytesAndCutFilesEndInAnErrorThatSaysWhere() throws IOException {
        long seed = Long.getLong("peregrine.seed", System.nanoTime());
        Random random = new Random(seed);
        String whole = "{\"v\":1,\"vteps\":[{\"vtep\":\"10.0.0.1\",\"vnis\":[{\"vni\":1,\"macs\":"
                + "[{\"mac\":\"02:00:00:00:00:01\",\"seq\":1,\"ips\":[\"10.0.0.9\"]}]}]}]}";
        for (int round = 0; round < Seed.rounds(2000); round++) {
            byte[] bytes =
                    whole.substring(0, 1 + random.nextInt(whole.length() - 1)).getBytes(StandardCharsets.ISO_8859_1);
            if (round % 2 == 0) random.nextBytes(bytes);
            else bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
            Path file = directory.resolve("random.json");
            Files.write(file, bytes);
            IOException wrong = assertThrows(
                    IOException.class, () -> ClaimsReader.read(file, 1 << 20, claim -> {}), () -> "seed " + seed);
            assertTrue(wrong instanceof ClaimsException, () -> "seed " + seed + ": " + wrong);
        }
    }

    @Test
    void aFileThatIsTooLargeIsNotRead() throws IOException {
        Path file = directory.resolve("large.json");
        Files.write(file, new byte[1001]);
        ClaimsException wrong = assertThrows(ClaimsException.class, () -> ClaimsReader.read(file, 1000, claim -> {}));
        assertTrue(message(wrong).endsWith("has 1001 bytes, at most 1000 are read"), wrong::getMessage);
    }
}
