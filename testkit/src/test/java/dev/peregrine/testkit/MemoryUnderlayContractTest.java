package dev.peregrine.testkit;

import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.underlay.Underlay;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

class MemoryUnderlayContractTest extends UnderlayContract {
    private static final IpAddress LOCAL = new IpAddress(0, 0xffff_c612_0001L);
    private static final IpAddress REMOTE = new IpAddress(0, 0xffff_c612_0002L);
    private static final IpAddress STRANGER = new IpAddress(0, 0xffff_c612_0003L);

    @Override
    World world() {
        MemoryNetwork network = new MemoryNetwork();
        Queue<Arrival> arrivals = new ArrayDeque<>();
        network.connect(REMOTE, datagram -> arrivals.add(new Arrival(datagram.sourcePort(), datagram.payload())));
        int tunnel = present(vteps.configure(REMOTE)).port();
        Underlay underlay = new MemoryUnderlay(network, LOCAL, vteps, pool, drops, 1_000, true);
        return new World() {
            @Override
            public Underlay underlay() {
                return underlay;
            }

            @Override
            public int tunnel() {
                return tunnel;
            }

            @Override
            public void send(byte[] payload) {
                network.send(new Datagram(REMOTE, LOCAL, 50_000, 0, 64, payload));
            }

            @Override
            public void sendAsStranger(byte[] payload) {
                network.send(new Datagram(STRANGER, LOCAL, 50_000, 0, 64, payload));
            }

            @Override
            public @Nullable Arrival arrival() {
                return arrivals.poll();
            }

            @Override
            public void close() {
                underlay.close();
            }
        };
    }
}
