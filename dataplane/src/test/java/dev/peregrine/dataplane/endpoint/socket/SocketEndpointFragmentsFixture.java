package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.endpoint.Frames.Host;
import dev.peregrine.dataplane.packet.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** The common part of tests of datagrams that come and go in fragments. */
abstract class SocketEndpointFragmentsFixture extends SocketEndpointFixture {
    static final int SIZE = 1_424;

    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    static Host remote(boolean ipv6) {
        return ipv6 ? REMOTE6 : REMOTE;
    }

    static Host port(boolean ipv6) {
        return ipv6 ? PORT6 : PORT;
    }

    void acceptAll(SocketEndpoint endpoint, List<byte[]> fragments) {
        fragments.forEach(fragment -> accept(endpoint, fragment));
    }

    void acceptAt(SocketEndpoint endpoint, long seconds, byte[]... frames) {
        Batch batch = Frames.batch(pool, frames);
        batch.nowNanos(TimeUnit.SECONDS.toNanos(seconds));
        endpoint.accept(batch);
    }

    List<byte[]> pollUntilLast(SocketEndpoint endpoint) {
        List<byte[]> frames = new ArrayList<>();
        EndpointContract.await("the last fragment", () -> {
            frames.addAll(poll(endpoint));
            return !frames.isEmpty() && !endpoint.isReady();
        });
        return frames;
    }
}
