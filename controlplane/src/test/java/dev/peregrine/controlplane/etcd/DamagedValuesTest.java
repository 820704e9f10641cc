package dev.peregrine.controlplane.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any value at a key is a claim of that key or counts as malformed, in a line of bounded length. */
class DamagedValuesTest {
    private static final int TRIALS = 20_000;
    private static final int LONGEST = 400;
    private static final IpAddress VTEP = IpAddress.of(InetAddress.ofLiteral("198.18.1.2"));
    private static final List<Claim> CLAIMS = List.of(
            new Claim.Vtep(VTEP, "host", "one"),
            new Claim.Member(42, VTEP, true),
            new Claim.Station(42, 0x0200_0000_0001L, VTEP, 7, true, List.of(VTEP)));
    private static final String[] PIECES = {
        "\"v\":",
        "{",
        "}",
        "[",
        "]",
        "null",
        "-1",
        "1e999",
        "4294967296",
        "\"ips\":[1]",
        "\u0000",
        "\u001b[2J",
        "\"",
        ",",
        "\\u"
    };

    private final Layout layout = new Layout("/p");
    private final Seen seen = new Seen();
    private final Registry registry = new Registry(layout, seen);

    @Test
    void eachIsAClaimOrMalformed() throws IOException {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < TRIALS; i++) {
            Claim claim = CLAIMS.get(random.nextInt(CLAIMS.size()));
            byte[] key = layout.key(claim.key()).getBytes(StandardCharsets.UTF_8);
            byte[] value = ClaimValues.text(claim).getBytes(StandardCharsets.UTF_8);
            if (random.nextInt(4) == 0) key = damaged(key, random);
            value = damaged(value, random);
            int before = seen.events() + seen.malformed().size();
            registry.take(pair(key, value));
            assertEquals(before + 1, seen.events() + seen.malformed().size(), "seed " + seed + ", trial " + i);
            if (i % 1000 == 0) assertLines(seed);
        }
        assertLines(seed);
        assertTrue(seen.malformed().size() > TRIALS / 4, seen.toString());
        assertTrue(seen.events() > TRIALS / 100, seen.toString());
        assertEquals(PlaneState.CONNECTING, seen.state());
    }

    private void assertLines(long seed) {
        for (String line : seen.malformed()) {
            assertTrue(
                    line.length() <= LONGEST && line.chars().noneMatch(Character::isISOControl),
                    line + ", seed " + seed);
        }
    }

    @Test
    void greatAndDeepValuesAreMalformed() throws IOException {
        byte[] key = layout.key(CLAIMS.get(2).key()).getBytes(StandardCharsets.UTF_8);
        String ips = "\"198.18.1.2\",".repeat(64);
        for (String value : List.of(
                "[".repeat(10_000),
                "{\"x\":".repeat(3_000),
                "{\"x\":\"" + "x".repeat(ClaimValues.MAX_BYTES) + "\"}",
                "{\"ips\":[" + ips + "\"198.18.1.2\"]}",
                "{\"seq\":" + "9".repeat(5_000) + "}",
                "")) {
            int before = seen.malformed().size();
            registry.take(pair(key, value.getBytes(StandardCharsets.UTF_8)));
            assertEquals(before + 1, seen.malformed().size(), value);
        }
        assertEquals(0, seen.events());
    }

    /** JSON may be in encodings whose text these bytes are not. */
    @Test
    void valuesInOtherEncodingsAreMalformed() throws IOException {
        byte[] key = layout.key(CLAIMS.get(1).key()).getBytes(StandardCharsets.UTF_8);
        for (byte[] value : List.of(
                new byte[] {0, 0, (byte) 0xff, (byte) 0xfe, '{'},
                new byte[] {0, 0, 0, '{', 0x7f, 0, 0, 0},
                new byte[] {'{', 0, 0},
                new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'})) {
            int before = seen.malformed().size();
            registry.take(pair(key, value));
            assertEquals(before + 1, seen.malformed().size());
        }
    }

    @Test
    void membersOfOtherClaimsAreSkipped() throws IOException {
        String all = """
                {"x": [{"seq": -1}], "v": 1, "node": "host", "instance": "one", "vtep": "198.18.1.2", "flood": true,
                 "seq": 7, "sticky": true, "ips": ["198.18.1.2"]}""";
        for (Claim claim : CLAIMS) {
            byte[] key = layout.key(claim.key()).getBytes(StandardCharsets.UTF_8);
            registry.take(pair(key, all.getBytes(StandardCharsets.UTF_8)));
            registry.take(
                    pair(key, all.replace("1.2\", \"flood", "1.3\", \"flood").getBytes(StandardCharsets.UTF_8)));
        }
        assertEquals(
                List.of(),
                CLAIMS.stream()
                        .filter(claim -> !seen.claims().containsValue(claim))
                        .toList());
        assertEquals(CLAIMS.size(), seen.malformed().size(), "another VTEP than that of the key");
    }

    private static Pair pair(byte[] key, byte[] value) throws IOException {
        return Pair.of(EtcdClient.NODES
                .objectNode()
                .put("key", Base64.getEncoder().encodeToString(key))
                .put("value", Base64.getEncoder().encodeToString(value)));
    }

    private static byte[] damaged(byte[] bytes, Random random) {
        StringBuilder text = new StringBuilder(new String(bytes, StandardCharsets.ISO_8859_1));
        for (int n = random.nextInt(3); n >= 0 && !text.isEmpty(); n--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.setCharAt(at, (char) random.nextInt(256));
                case 1 -> text.deleteCharAt(at);
                case 2 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
                default -> text.setLength(at + 1);
            }
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
