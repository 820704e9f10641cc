package dev.peregrine.gateway.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.schedule.WorkerGroup;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.gateway.Configured;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.policy.PolicyControl;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.overlay.LaneSpec;
import dev.peregrine.overlay.VirtualDevices;
import dev.peregrine.overlay.Wiring;
import java.lang.foreign.Arena;
import java.net.StandardProtocolFamily;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A port whose descriptor epoll refuses: it fails alone, whether it came before the lane started or after. */
class RefusedPortTest {
    private static final String YAML = """
            underlay: {local: 127.0.0.1}
            vnis:
              - vni: 42
                flood: [127.0.0.2]
                ports:
                  - {name: bad, type: socket, listen: "198.19.0.8:9000", deliver: "udp:127.0.0.1:9008"}
                  - {name: good, type: socket, listen: "198.19.0.9:9000", deliver: "udp:127.0.0.1:9009"}
            """;

    private static final int O_RDONLY = 0;

    private final AtomicInteger news = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final UdpSocket socket;

    /** Of a file, for which epoll has no use. */
    private final int file;

    private final EventLoopLane lane;
    private final OnePort bad;
    private final OnePort good;

    RefusedPortTest() throws Exception {
        socket = UdpSocket.open(StandardProtocolFamily.INET);
        try (Arena arena = Arena.ofConfined()) {
            file = Syscalls.open(arena.allocateFrom("/proc/self/status").address(), O_RDONLY);
        }
        GatewayConfig config = ConfigFile.parse("f", YAML).config();
        Tables tables = new Tables(config, new Segments(1), new Budget(config, 1), () -> {});
        tables.prepareSegment(config.vnis().getFirst(), 1450);
        List<PortConfig> configs = config.vnis().getFirst().ports();
        Port first = new Port(0, "bad", 0, false, 1450);
        Port second = new Port(1, "good", 0, false, 1450);
        PolicyControl policies = new PolicyControl(config.withVnis(List.of()), tables.fdb(), 1, () -> {});
        VirtualDevices devices = new VirtualDevices(
                tables.fdb(), tables.vtep(), policies.policy(), tables.bridge(), List.of(first, second));
        LaneSpec spec =
                new LaneSpec(1, 64, 64, devices, null, System::nanoTime, (where, fault) -> {}, Instruments.NONE);
        lane = new EventLoopLane(
                0,
                new EventLoopLane.Plan(
                        spec, false, 8, List.of(CpuAffinity.current()[0]), Configured.workers("idle: block")));
        lane.assemble(
                new WorkerGroup(List.of(lane.worker()), 64),
                Wiring.topology(devices, false, any -> lane.received(), null));
        LocalPort.Means means = new LocalPort.Means(List.of(lane), tables, any -> news.incrementAndGet());
        bad = new OnePort(first, configs.getFirst(), means, file);
        good = new OnePort(second, configs.getLast(), means, socket.fd());
    }

    @AfterEach
    void close() {
        bad.close();
        good.close();
        lane.stop();
        lane.close();
        socket.close();
        Syscalls.close(file);
    }

    @Test
    void theLaneStartsWithTheOthers() throws Exception {
        bad.look(Surroundings.MISSING, 0);
        good.look(Surroundings.MISSING, 0);
        assertEquals(LocalPort.State.UP, bad.state(), bad::reason);
        lane.start();
        assertEquals(1, news.get(), "the port is to be looked at");
        bad.look(Surroundings.MISSING, 1);
        good.look(Surroundings.MISSING, 1);
        assertFailed(1);
    }

    @Test
    void laterItFailsAtOnceAndIsTriedAgain() throws Exception {
        lane.start();
        bad.look(Surroundings.MISSING, 0);
        good.look(Surroundings.MISSING, 0);
        assertFailed(1);
        bad.look(Surroundings.MISSING, Long.MAX_VALUE / 2);
        assertFailed(2);
    }

    private void assertFailed(int tries) {
        assertEquals(LocalPort.State.FAILED, bad.state());
        assertTrue(String.valueOf(bad.reason()).contains("cannot be watched"), bad::reason);
        assertEquals(tries, closed.get(), "its endpoint is given back");
        assertEquals(LocalPort.State.UP, good.state(), good::reason);
    }

    /** A port without a device, whose endpoint has a descriptor of the test's. */
    private final class OnePort extends LocalPort {
        private final int fd;

        OnePort(Port port, PortConfig config, Means means, int fd) {
            super(port, config, means);
            this.fd = fd;
        }

        @Override
        Optional<NetNamespace> namespace() {
            return Optional.empty();
        }

        @Override
        void open(Surroundings now) {}

        @Override
        boolean isCurrent(Surroundings now) {
            return true;
        }

        @Override
        Endpoint endpoint(EventLoopLane of) {
            return new Silent(fd, closed);
        }

        @Override
        boolean isPolled(EventLoopLane of) {
            return true;
        }

        @Override
        void release() {}
    }

    private record Silent(int fd, AtomicInteger closed) implements Endpoint {
        @Override
        public boolean isGone() {
            return false;
        }

        @Override
        public int poll(Batch batch) {
            return 0;
        }

        @Override
        public void accept(Batch batch) {
            batch.release();
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }
}
