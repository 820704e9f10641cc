package dev.peregrine.testkit;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;

class MemoryEndpointContractTest extends EndpointContract {
    private static final int PAYLOAD = 18;
    private static final int HEADERS = 14 + 20 + 8;

    @Override
    protected World world(PacketPool pool, DropCounters drops) {
        MemoryEndpoint endpoint = new MemoryEndpoint(pool, drops, 1_000);
        Queue<byte[]> received = new ArrayDeque<>();
        return new World() {
            @Override
            public Endpoint endpoint() {
                return endpoint;
            }

            @Override
            public byte[] frame(int number) {
                byte[] payload = ByteBuffer.allocate(PAYLOAD).putInt(number).array();
                return FrameBuilder.udp4().payload(payload).build();
            }

            @Override
            public int received() {
                received.addAll(endpoint.received());
                byte[] next = received.poll();
                return next == null ? -1 : number(next);
            }

            @Override
            public void send(int number) {
                endpoint.send(frame(number));
            }

            @Override
            public int number(byte[] frame) {
                return frame.length == HEADERS + PAYLOAD
                        ? ByteBuffer.wrap(frame).getInt(HEADERS)
                        : -1;
            }

            @Override
            public boolean takeAway() {
                endpoint.vanish();
                return true;
            }

            @Override
            public void close() {
                endpoint.close();
            }
        };
    }
}
