package dev.peregrine.controlplane.kubernetes;

import static dev.peregrine.controlplane.kubernetes.Samples.node;
import static dev.peregrine.controlplane.kubernetes.Samples.station;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiStreamTest {
    private static final int SEEDS = Integer.getInteger("peregrine.seeds", 20);

    private static ApiStream stream(String text) throws IOException {
        return new ApiStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void fieldsOfAListComeInAnyOrder() throws Exception {
        List<String> names = new ArrayList<>();
        ApiStream.Page page = stream("{\"items\":[" + node(1) + "," + node(2)
                        + "],\"kind\":\"NodeList\",\"metadata\":{\"continue\":\"n\",\"resourceVersion\":\"7\"}}")
                .readPage(event -> names.add(event.object().name()));
        assertEquals(List.of("node1", "node2"), names);
        assertEquals(new ApiStream.Page("7", "n"), page);
    }

    @Test
    void anEmptyListMayBeNull() throws Exception {
        ApiStream.Page page = stream("{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":null}")
                .readPage(_ -> {});
        assertEquals(new ApiStream.Page("7", ""), page);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{",
                "{}",
                "{\"items\":[]}",
                "{\"items\":[1],\"metadata\":{\"resourceVersion\":\"7\"}}"
            })
    void whatIsNoListIsAnError(String text) {
        assertThrows(IOException.class, () -> stream(text).readPage(_ -> {}));
    }

    @Test
    void aStreamOfSmallObjectsHasNoEnd() throws Exception {
        String event = "{\"object\":" + station("a", "\"vni\":1") + ",\"type\":\"ADDED\"}\n";
        int[] count = {0};
        stream(event.repeat(ApiStream.OBJECT_BYTES / event.length() * 2)).readEvents(_ -> count[0]++);
        assertTrue(count[0] > ApiStream.OBJECT_BYTES / event.length());
    }

    @Test
    void deepNestingIsRefused() {
        String deep = "{\"type\":\"ADDED\",\"object\":{\"spec\":" + "[".repeat(1000) + "]".repeat(1000) + "}}";
        assertThrows(IOException.class, () -> stream(deep).readEvents(_ -> {}));
    }

    @Test
    void anEndlessObjectIsRefused() {
        byte[] beginning = "{\"type\":\"ADDED\",\"object\":{\"spec\":".getBytes(StandardCharsets.UTF_8);
        byte[] blanks = new byte[ApiStream.OBJECT_BYTES + 1];
        Arrays.fill(blanks, (byte) ' ');
        InputStream endless =
                new SequenceInputStream(new ByteArrayInputStream(beginning), new ByteArrayInputStream(blanks));
        IOException e = assertThrows(IOException.class, () -> new ApiStream(endless).readEvents(_ -> {}));
        assertEquals("an object of more than 4194304 bytes", e.getMessage());
    }

    /** Damaged bytes of a server end in an error or in claims, never in anything else, and what is said is short. */
    @Test
    void damagedBytesDoNoHarm() throws Exception {
        String sound = "{\"type\":\"ADDED\",\"object\":" + node(3) + "}\n{\"type\":\"MODIFIED\",\"object\":"
                + station(
                        "a",
                        "\"vni\":42,\"vtep\":\"198.18.1.3\",\"mac\":\"02:00:00:00:00:07\",\"sequence\":3,\"sticky\":true,"
                                + "\"addresses\":[\"198.19.0.7\",\"fd19::7\"]")
                + "}\n{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"7\"}}}";
        List<Dialect> dialects = List.of(new FlannelNodes("node1", true), new StationObjects(Samples.ip("198.18.1.2")));
        int claims = 0;
        for (long seed = 1; seed <= 200L * SEEDS; seed++) {
            byte[] bytes = damaged(sound.getBytes(StandardCharsets.UTF_8), seed);
            List<ApiObject> objects = new ArrayList<>();
            try {
                new ApiStream(new ByteArrayInputStream(bytes)).readEvents(event -> objects.add(event.object()));
            } catch (IOException | ApiFailure expected) {
                assertTrue(expected.getMessage() != null, () -> expected.toString());
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
            for (ApiObject object : objects) {
                for (Dialect dialect : dialects)
                    claims += read(dialect, object, seed).size();
            }
        }
        assertTrue(claims > 100, "damage is small enough: " + claims);
    }

    private static List<Claim> read(Dialect dialect, ApiObject object, long seed) {
        try {
            return switch (dialect.read(object)) {
                case Reading.Claims said -> said.claims();
                case Reading.Malformed malformed -> {
                    assertTrue(malformed.what().length() < 400, malformed.what());
                    assertTrue(malformed.what().chars().noneMatch(Character::isISOControl), malformed.what());
                    yield List.of();
                }
            };
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static byte[] damaged(byte[] bytes, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        byte[] damaged = bytes.clone();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            int at = random.nextInt(damaged.length);
            switch (random.nextInt(4)) {
                case 0 -> damaged[at] = (byte) random.nextInt(256);
                case 1 -> damaged[at] = (byte) "{}[],:\"\\0-9enul".charAt(random.nextInt(15));
                case 2 -> damaged = Arrays.copyOf(damaged, Math.max(1, at));
                default -> {
                    int from = random.nextInt(damaged.length);
                    int length = random.nextInt(Math.min(40, damaged.length - Math.max(at, from)) + 1);
                    System.arraycopy(damaged.clone(), from, damaged, at, length);
                }
            }
        }
        return damaged;
    }
}
