package dev.peregrine.fastpath.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.fastpath.FlowKey;
import dev.peregrine.fastpath.kernel.table.KernelDecision;
import dev.peregrine.fastpath.kernel.table.KernelFlow;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The programs at devices, with a VXLAN device of the kernel as the other end of the tunnel, and no gateway: what the
 * tier does not carry does not arrive.
 *
 * <pre>
 *   remote               here                                   workload
 *   vx0 ─ uA ─────────── uB: underlay ─────────────────────────► eth0
 *                        helper device ◄── p0: port ◄─────────── eth0
 * </pre>
 */
@Tag("live")
class TierLiveTest {
    private static final int ROUNDS = 300;
    private static final int PATIENCE_MILLIS = 2_000;
    private static final int SHORT_MILLIS = 150;

    private TierLab lab;
    private Rig rig;
    private int helper;
    private int port;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    @BeforeEach
    void lab() throws LinuxException {
        lab = new TierLab();
        rig = lab.rig;
        lab.here.ip("link add pgro type vxlan external dstport 4789 nolearning");
        lab.here.ip("link set pgro up");
        lab.here.netNamespace().call(() -> {
            helper = TierLab.index("pgro");
            port = TierLab.index("p0");
            lab.attach(UnderlayProgram.withHelper(rig.tables, Rig.END), TierLab.index("uB"));
            lab.attach(HelperProgram.of(rig.tables, Rig.END), helper);
            lab.attach(PortProgram.withHelper(rig.tables, Rig.END), port);
            return true;
        });
    }

    @AfterEach
    void end() {
        lab.close();
    }

    // ---- flows ----------------------------------------------------------------------------------------------------

    private KernelFlow in(boolean ipv6, long since) throws LinuxException {
        byte[] frame = frame(ipv6, true).ports(5000, 6000).build();
        FlowKey key = rig.key(frame, 8);
        KernelDecision decision = KernelDecision.toPort(since, 1, port, Rig.LIMIT);
        return Objects.requireNonNull(rig.flows.install(key, Rig.VTEP_PORT, decision, this::add));
    }

    private KernelFlow out(boolean ipv6, long since) throws LinuxException {
        byte[] frame = frame(ipv6, false).ports(6000, 5000).build();
        KernelDecision decision =
                KernelDecision.toTunnel(since, 1, helper, Rig.LIMIT, Rig.VNI, Rig.address(Rig.REMOTE));
        return Objects.requireNonNull(rig.flows.install(rig.key(frame, 0), port, decision, this::add));
    }

    private static FrameBuilder frame(boolean ipv6, boolean toWorkload) {
        return TierLab.addressed(ipv6 ? FrameBuilder.udp6() : FrameBuilder.udp4(), ipv6, toWorkload);
    }

    private long packets;

    private void add(long more, long bytes) {
        packets += more;
        assertTrue(bytes >= 42 * more, "bytes of headers at least");
    }

    /** As a gateway would that has emptied its queues: there is none here. */
    private void settle() throws LinuxException {
        rig.flows.noteLosses();
        rig.flows.confirm();
        rig.flows.writeOffLosses();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void datagramsOfKnownFlowsArriveAndNoOthers(boolean ipv6) throws Exception {
        try (DatagramSocket a = socket(lab.remote, ipv6, 1, 5000);
                DatagramSocket b = socket(lab.workload, ipv6, 2, 6000)) {
            InetSocketAddress toB = new InetSocketAddress(InetAddress.getByName(TierLab.address(ipv6, 2)), 6000);
            InetSocketAddress toA = new InetSocketAddress(InetAddress.getByName(TierLab.address(ipv6, 1)), 5000);
            assertNothing(a, toB, b);
            in(ipv6, 0);
            out(ipv6, 0);
            settle();
            for (int round = 0; round < ROUNDS; round++) {
                int length = 1 + round * 4;
                assertArrives(a, toB, b, length);
                assertArrives(b, toA, a, length);
            }
            rig.flows.collect();
            assertEquals(2 * ROUNDS, packets, "each is counted once");

            rig.tables.epoch().advance(1);
            assertNothing(a, toB, b);
            assertNothing(b, toA, a);
            KernelFlow in = in(ipv6, 1);
            out(ipv6, 1);
            settle();
            assertArrives(a, toB, b, 100);
            assertArrives(b, toA, a, 100);
            rig.flows.kill(in);
            assertNothing(a, toB, b);
        }
    }

    private static DatagramSocket socket(Namespace namespace, boolean ipv6, int host, int udpPort) throws Exception {
        InetAddress local = InetAddress.getByName(TierLab.address(ipv6, host));
        return namespace.inside(() -> {
            DatagramSocket socket = new DatagramSocket(new InetSocketAddress(local, udpPort));
            socket.setSoTimeout(PATIENCE_MILLIS);
            return socket;
        });
    }

    private static void assertArrives(DatagramSocket from, InetSocketAddress to, DatagramSocket at, int length)
            throws IOException {
        byte[] sent = new byte[length];
        Arrays.fill(sent, (byte) length);
        ByteBuffer.wrap(sent).put((byte) (length >>> 8));
        from.send(new DatagramPacket(sent, length, to));
        DatagramPacket received = new DatagramPacket(new byte[2000], 2000);
        at.receive(received);
        assertArrayEquals(sent, Arrays.copyOf(received.getData(), received.getLength()));
    }

    private static void assertNothing(DatagramSocket from, InetSocketAddress to, DatagramSocket at) throws IOException {
        from.send(new DatagramPacket(new byte[10], 10, to));
        at.setSoTimeout(SHORT_MILLIS);
        assertThrows(SocketTimeoutException.class, () -> at.receive(new DatagramPacket(new byte[2000], 2000)));
        at.setSoTimeout(PATIENCE_MILLIS);
    }
}
