package dev.peregrine.dataplane.endpoint.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RemoteTableTest {
    private static final int STEPS = 200_000;

    private record Key(long high, long low, int port) {}

    private static @Nullable Remote find(RemoteTable table, Key key) {
        return table.find(key.high, key.low, key.port);
    }

    /** Against a map in order of access, with keys from a small range so that all paths are taken. */
    @Test
    void agreesWithAnAccessOrderedMap() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RemoteTable table = new RemoteTable(DatagramAddress.unix(Path.of("/nowhere")), null, 37);
        Map<Key, Remote> model = new LinkedHashMap<>(16, 0.75f, true);
        for (int step = 0; step < STEPS; step++) {
            String at = "seed " + seed + ", step " + step;
            Key key = new Key(random.nextInt(3), random.nextInt(5), random.nextInt(5));
            Remote remote = find(table, key);
            assertSame(model.get(key), remote, at);
            if (remote == null) {
                if (table.isFull()) {
                    Map.Entry<Key, Remote> eldest = model.entrySet().iterator().next();
                    assertSame(eldest.getValue(), table.oldest(), at);
                    model.remove(eldest.getKey());
                    table.remove(eldest.getValue());
                }
                Remote added = table.add(key.high, key.low, key.port, step);
                assertSame(added, table.remote(added.id), at);
                model.put(key, added);
            } else if (random.nextInt(4) == 0) {
                model.remove(key);
                table.remove(remote);
            } else {
                table.touch(remote, step);
            }
            assertEquals(model.size(), table.size(), at);
        }
    }
}
