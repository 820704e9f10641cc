package dev.peregrine.dataplane.endpoint.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.linux.socket.IoVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.linux.tun.Tap;
import dev.peregrine.dataplane.linux.tun.TapBuilder;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Loopback;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The queue of a TAP device that a frame takes. */
@Tag("live")
class QueueSteeringLiveTest {
    private static final int QUEUES = 4;
    private static final int FRAME = 2_048;
    private static final long MAC = 0x0200_0000_0002L;
    private static final long PEER_MAC = 0x0200_0000_0001L;
    private static final UdpAddress WORKLOAD = UdpAddress.of(Loopback.ip("198.19.0.2"), 9_000);
    private static final String PEER = "198.19.0.1";
    private static final int MORE_FRAGMENTS = 0x2000;

    /** In a test run a socket filter sees the frame from its 15th byte on. */
    private static final byte[] UNSEEN = new byte[14];

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    private static int hash(LoadedProgram program, FrameBuilder frame) throws LinuxException {
        return hash(program, frame.build());
    }

    private static int hash(LoadedProgram program, byte[] frame) throws LinuxException {
        byte[] seen = new byte[UNSEEN.length + frame.length];
        System.arraycopy(frame, 0, seen, UNSEEN.length, frame.length);
        return program.run(seen).verdict();
    }

    private static LoadedProgram load() throws LinuxException {
        return LoadedProgram.loadFilter(SteeringProgram.assemble());
    }

    private static FrameBuilder tagged(FrameBuilder frame, int tags) {
        for (int i = 0; i < tags; i++) frame.tag(i == 0 ? 0x8100 : 0x88a8, 7 + i);
        return frame;
    }

    @Test
    void bothDirectionsOfAFlowHaveOneHash() throws LinuxException {
        try (LoadedProgram program = load()) {
            for (int tags = 0; tags <= 2; tags++) {
                int udp4 = hash(
                        program,
                        tagged(FrameBuilder.udp4(), tags)
                                .addresses("10.0.0.1", "10.0.9.2")
                                .ports(7, 9));
                assertEquals(
                        udp4,
                        hash(
                                program,
                                tagged(FrameBuilder.udp4(), tags)
                                        .addresses("10.0.9.2", "10.0.0.1")
                                        .ports(9, 7)));
                assertNotEquals(
                        udp4,
                        hash(
                                program,
                                tagged(FrameBuilder.udp4(), tags)
                                        .addresses("10.0.0.1", "10.0.9.2")
                                        .ports(8, 9)));
                int tcp6 = hash(
                        program,
                        tagged(FrameBuilder.tcp6(), tags)
                                .addresses("fd00::1", "fd00:9::2")
                                .ports(7, 9));
                assertEquals(
                        tcp6,
                        hash(
                                program,
                                tagged(FrameBuilder.tcp6(), tags)
                                        .addresses("fd00:9::2", "fd00::1")
                                        .ports(9, 7)));
                assertNotEquals(
                        tcp6,
                        hash(
                                program,
                                tagged(FrameBuilder.tcp6(), tags)
                                        .addresses("fd00::1", "fd00:9::2")
                                        .ports(7, 10)));
            }
            assertEquals(
                    hash(program, FrameBuilder.ethernet(MAC, PEER_MAC, 0x1234, new byte[46])),
                    hash(program, FrameBuilder.ethernet(PEER_MAC, MAC, 0x1234, new byte[46])));
            assertNotEquals(
                    hash(program, FrameBuilder.ethernet(MAC, PEER_MAC, 0x1234, new byte[46])),
                    hash(program, FrameBuilder.ethernet(MAC, PEER_MAC + 1, 0x1234, new byte[46])));
        }
    }

    /** The first fragment has the ports of its datagram, the others have payload there. */
    @Test
    void fragmentsOfADatagramHaveOneHash() throws LinuxException {
        try (LoadedProgram program = load()) {
            int first = hash(
                    program,
                    FrameBuilder.udp4().ports(7, 9).fragmentBits(MORE_FRAGMENTS).payload(100));
            assertEquals(
                    first,
                    hash(
                            program,
                            FrameBuilder.udp4().ports(1, 2).fragmentBits(9).payload(100)));
            assertEquals(
                    first,
                    hash(
                            program,
                            FrameBuilder.udp4()
                                    .ports(3, 4)
                                    .fragmentBits(MORE_FRAGMENTS | 9)
                                    .payload(100)));
            byte[] header = {17, 0, 0, 1, 0, 0, 0, 1};
            byte[] later = {17, 0, 0, 8, 0, 0, 0, 1};
            assertEquals(
                    hash(program, FrameBuilder.udp6().ports(7, 9).extensions(44, header)),
                    hash(program, FrameBuilder.udp6().ports(1, 2).extensions(44, later)));
        }
    }

    @Test
    void portsAreFoundBehindOptions() throws LinuxException {
        try (LoadedProgram program = load()) {
            assertEquals(
                    hash(program, FrameBuilder.udp4().ports(7, 9)),
                    hash(program, FrameBuilder.udp4().ports(7, 9).ipOptions(new byte[] {1, 1, 1, 1})));
        }
    }

    /** Ports that a kernel gives out are often two apart. */
    @Test
    void flowsSpreadOverTheQueues() throws LinuxException {
        try (LoadedProgram program = load()) {
            for (int queues = 2; queues <= 8; queues++) {
                for (int step = 1; step <= 2; step++) {
                    int[] flows = new int[queues];
                    for (int i = 0; i < 100 * queues; i++) {
                        flows[hash(program, FrameBuilder.udp4().ports(32_768 + i * step, 5_201)) % queues]++;
                    }
                    for (int count : flows) {
                        assertTrue(count >= 50 && count <= 150, count + " of " + 100 * queues + " flows");
                    }
                }
            }
        }
    }

    @Test
    void aFrameThatEndsEarlyHasAHash() throws LinuxException {
        try (LoadedProgram program = load()) {
            byte[] frame = FrameBuilder.tcp4().build();
            for (int length = 14; length <= frame.length; length++) {
                assertEquals(0, hash(program, Arrays.copyOf(frame, length)) >>> 16);
            }
        }
    }

    /** As the kernel has it: a flow goes where the last frame of its other direction was written. */
    @Test
    void withoutAProgramAFlowChangesItsQueue() throws LinuxException {
        try (Namespace live = Live.tapNamespace();
                Tap tap = builder(live).open();
                Flow flow = new Flow(live, tap)) {
            Set<Integer> taken = new HashSet<>();
            for (int queue = 0; queue < QUEUES; queue++) {
                flow.answerBy(queue);
                taken.add(flow.send());
            }
            assertEquals(QUEUES, taken.size(), "queues of one flow");
        }
    }

    @Test
    void aFlowKeepsItsQueueWhereverItsAnswersAreWritten() throws LinuxException {
        try (Namespace live = Live.tapNamespace();
                QueueSteering steering = QueueSteering.of(QUEUES);
                Tap tap = steering.steer(builder(live)).open();
                Flow flow = new Flow(live, tap)) {
            assertEquals("", steering.obstacle(tap));
            int own = flow.send();
            for (int queue = 0; queue < QUEUES; queue++) {
                flow.answerBy(queue);
                assertEquals(own, flow.send(), "after an answer by queue " + queue);
            }
        }
    }

    private static TapBuilder builder(Namespace live) {
        return TapBuilder.named("eth0")
                .in(live.netNamespace())
                .mac(MAC)
                .queues(QUEUES)
                .address(new Prefix(WORKLOAD.address(), 24));
    }

    /** Datagrams of a workload to port 1 of a peer, and the peer's answers. */
    private static final class Flow implements AutoCloseable {
        private final Tap tap;
        private final Loopback memory = new Loopback("127.0.0.1");
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment buffer = arena.allocate(FRAME, 8);
        private final IoVector vector = new IoVector(1);
        private final UdpSocket socket;

        Flow(Namespace live, Tap tap) throws LinuxException {
            this.tap = tap;
            live.ip("neigh add " + PEER + " lladdr 02:00:00:00:00:01 dev eth0");
            socket = live.netNamespace().call(() -> UdpSocket.open(WORKLOAD.family()));
            socket.bind(WORKLOAD.address(), WORKLOAD.port());
        }

        /** Sends a datagram; returns the queue in which it waits. */
        int send() {
            memory.send.begin(0, UdpAddress.of(Loopback.ip(PEER), 1));
            memory.send.append(0, memory.payload.address(), 10);
            assertEquals(1, memory.send.send(socket, 0, 1));
            for (int queue = 0; queue < QUEUES; queue++) {
                while (tap.read(queue, buffer.address(), FRAME) > 0) {
                    if (isOurs()) return queue;
                }
            }
            throw new AssertionError("the datagram is in no queue");
        }

        /** Other frames are the kernel's own, to groups. */
        private boolean isOurs() {
            int ip = Tap.HEADER_SIZE + 14;
            return buffer.get(ValueLayout.JAVA_BYTE, ip) == 0x45 && buffer.get(ValueLayout.JAVA_BYTE, ip + 9) == 17;
        }

        void answerBy(int queue) {
            byte[] frame = FrameBuilder.udp4()
                    .macs(MAC, PEER_MAC)
                    .addresses(PEER, "198.19.0.2")
                    .ports(1, WORKLOAD.port())
                    .payload(10)
                    .build(new byte[Tap.HEADER_SIZE]);
            MemorySegment.copy(MemorySegment.ofArray(frame), 0, buffer, 0, frame.length);
            vector.clear();
            vector.append(buffer.address(), frame.length);
            assertEquals(frame.length, tap.writev(queue, vector.address(), vector.size()));
        }

        @Override
        public void close() {
            socket.close();
            vector.close();
            arena.close();
            memory.close();
        }
    }
}
