package dev.peregrine.fastpath.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.bpf.Hook;
import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.TcxLink;
import dev.peregrine.dataplane.linux.netlink.Netlink;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    private static final long REMOTE_MAC = 0x02_00_00_00_0a_01L;
    private static final long WORKLOAD_MAC = 0x02_00_00_00_0a_02L;
    private static final int ROUNDS = 300;
    private static final int PATIENCE_MILLIS = 2_000;
    private static final int SHORT_MILLIS = 150;

    private final Namespace remote = Live.namespace();
    private final Namespace here = Live.namespace();
    private final Namespace workload = Live.namespace();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Rig rig;
    private int helper;
    private int port;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    @BeforeEach
    void lab() throws LinuxException {
        here.ip("link add uB type veth peer name uA netns " + remote.name());
        here.ip("link add p0 type veth peer name eth0 netns " + workload.name());
        here.ip("addr add " + Rig.LOCAL + "/24 dev uB");
        remote.ip("addr add " + Rig.REMOTE + "/24 dev uA");
        remote.ip("link set uA up");
        here.ip("link set uB up");
        here.ip("link set p0 up");
        remote.ip("link add vx0 address 02:00:00:00:0a:01 type vxlan id " + Rig.VNI + " local " + Rig.REMOTE
                + " remote " + Rig.LOCAL + " dstport 4789");
        end(remote, "vx0", 1, 2);
        workload.ip("link set eth0 address 02:00:00:00:0a:02");
        end(workload, "eth0", 2, 1);
        here.ip("link add pgro type vxlan external dstport 4789 nolearning");
        here.ip("link set pgro up");
        rig = new Rig(PortProgram::withHelper);
        open.add(rig);
        here.netNamespace().call(() -> {
            helper = index("pgro");
            port = index("p0");
            attach(UnderlayProgram.withHelper(rig.tables, Rig.END), index("uB"));
            attach(HelperProgram.of(rig.tables, Rig.END), helper);
            attach(PortProgram.withHelper(rig.tables, Rig.END), port);
            return true;
        });
    }

    private static void end(Namespace namespace, String device, int own, int other) {
        namespace.enableIpv6(device);
        namespace.ip("link set " + device + " mtu 1400 up");
        namespace.ip("addr add 10.9.0." + own + "/24 dev " + device);
        namespace.ip("addr add fd09::" + own + "/64 dev " + device + " nodad");
        for (String address : List.of("10.9.0." + other, "fd09::" + other)) {
            namespace.ip("neigh replace " + address + " lladdr 02:00:00:00:0a:0" + other + " dev " + device
                    + " nud permanent");
        }
    }

    private static int index(String name) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            return netlink.link(name).orElseThrow().index();
        }
    }

    private void attach(Program program, int device) throws LinuxException {
        try (LoadedProgram loaded = LoadedProgram.load(program)) {
            open.add(TcxLink.attach(loaded, device, Hook.INGRESS, TcxLink.Place.LAST));
        }
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        workload.close();
        remote.close();
        here.close();
    }

    // ---- flows ----------------------------------------------------------------------------------------------------

    private KernelFlow in(boolean ipv6, long since) throws LinuxException {
        byte[] frame =
                frame(ipv6, WORKLOAD_MAC, REMOTE_MAC, 1, 2).ports(5000, 6000).build();
        FlowKey key = rig.key(frame, 8);
        KernelDecision decision = KernelDecision.toPort(since, 1, port, Rig.LIMIT);
        return Objects.requireNonNull(rig.flows.install(key, Rig.VTEP_PORT, decision, this::add));
    }

    private KernelFlow out(boolean ipv6, long since) throws LinuxException {
        byte[] frame =
                frame(ipv6, REMOTE_MAC, WORKLOAD_MAC, 2, 1).ports(6000, 5000).build();
        KernelDecision decision =
                KernelDecision.toTunnel(since, 1, helper, Rig.LIMIT, Rig.VNI, Rig.address(Rig.REMOTE));
        return Objects.requireNonNull(rig.flows.install(rig.key(frame, 0), port, decision, this::add));
    }

    private static FrameBuilder frame(boolean ipv6, long to, long from, int source, int destination) {
        return (ipv6 ? FrameBuilder.udp6() : FrameBuilder.udp4())
                .macs(to, from)
                .addresses(address(ipv6, source), address(ipv6, destination));
    }

    private static String address(boolean ipv6, int host) {
        return (ipv6 ? "fd09::" : "10.9.0.") + host;
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
        try (DatagramSocket a = socket(remote, ipv6, 1, 5000);
                DatagramSocket b = socket(workload, ipv6, 2, 6000)) {
            InetSocketAddress toB = new InetSocketAddress(InetAddress.getByName(address(ipv6, 2)), 6000);
            InetSocketAddress toA = new InetSocketAddress(InetAddress.getByName(address(ipv6, 1)), 5000);
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
        InetAddress local = InetAddress.getByName(address(ipv6, host));
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
