package dev.peregrine.controlplane.etcd;

import static dev.peregrine.controlplane.etcd.EtcdClient.NODES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.http.TlsFiles;
import dev.peregrine.testkit.live.EtcdServer;
import dev.peregrine.vxlan.IpAddress;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many keys, and how soon a change is known. {@code -Dpg.etcd.vteps=1000} is the size of the study. */
@Tag("live")
class EtcdScaleTest {
    private static final int VTEPS = Integer.getInteger("pg.etcd.vteps", 100);
    private static final int MACS = 100;
    private static final int CHANGES = 500;
    private static final Layout LAYOUT = new Layout("/p/scale");

    @TempDir
    private Path folder;

    @Test
    void manyKeysAreListedAndChangesComeAtOnce() throws Exception {
        try (EtcdServer etcd = new EtcdServer(folder);
                ExecutorService executor = Executors.newSingleThreadExecutor()) {
            EtcdSettings settings = new EtcdSettings(
                    "scale",
                    List.of(etcd.endpoint()),
                    "/p/scale",
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(60),
                    false,
                    TlsFiles.NONE,
                    Optional.empty());
            EtcdClient client = new EtcdClient(etcd.endpoint(), settings, Duration.ofSeconds(10), executor);
            for (int vtep = 0; vtep < VTEPS; vtep++) load(client, vtep);
            Seen seen = new Seen();
            EtcdPlane plane = new EtcdPlane(settings);
            long began = System.nanoTime();
            plane.start(seen);
            seen.awaitState(PlaneState.LIVE);
            long listed = System.nanoTime() - began;
            assertEquals(VTEPS * MACS, seen.claims().size());
            assertEquals(1, seen.pictures());
            System.out.printf("%d keys: live after %.2f s%n", VTEPS * MACS, listed / 1e9);
            List<Long> latencies = change(client, seen);
            Collections.sort(latencies);
            System.out.printf(
                    "put to claim: p50 %.2f ms, p99 %.2f ms, max %.2f ms%n",
                    latencies.get(CHANGES / 2) / 1e6,
                    latencies.get(CHANGES * 99 / 100) / 1e6,
                    latencies.getLast() / 1e6);
            assertTrue(latencies.get(CHANGES / 2) < 100_000_000L, "p50 of more than 0.1 s");
            plane.close();
            client.close();
        }
    }

    private static Claim.Station station(int vtep, int mac, int sequence) throws Exception {
        IpAddress address =
                IpAddress.of(InetAddress.getByAddress(new byte[] {(byte) 198, 18, (byte) (vtep >> 8), (byte) vtep}));
        IpAddress inner =
                IpAddress.of(InetAddress.getByAddress(new byte[] {10, (byte) (vtep >> 8), (byte) vtep, (byte) mac}));
        return new Claim.Station(42 + mac % 10, 1L << 41 | vtep << 8 | mac, address, sequence, false, List.of(inner));
    }

    private static void load(EtcdClient client, int vtep) throws Exception {
        ObjectNode body = NODES.objectNode();
        ArrayNode operations = body.putArray("success");
        for (int mac = 0; mac < MACS; mac++)
            operations.add(write(station(vtep, mac, 0)).request(0));
        client.call("kv/txn", body);
    }

    private static OwnKeys.Write write(Claim claim) {
        return new OwnKeys.Write(LAYOUT.key(claim.key()), ClaimValues.text(claim));
    }

    private static List<Long> change(EtcdClient client, Seen seen) throws Exception {
        List<Long> latencies = new ArrayList<>();
        for (int i = 0; i < CHANGES; i++) {
            Claim.Station changed = station(i % VTEPS, i % MACS, i + 1);
            long began = System.nanoTime();
            client.call("kv/put", (ObjectNode) write(changed).request(0).path("requestPut"));
            seen.awaitClaim(changed);
            latencies.add(Objects.requireNonNull(seen.time(changed)) - began);
        }
        return latencies;
    }
}
