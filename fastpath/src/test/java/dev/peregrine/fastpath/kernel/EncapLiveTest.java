package dev.peregrine.fastpath.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.fastpath.kernel.table.KernelDecision;
import dev.peregrine.fastpath.kernel.table.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The program that encapsulates by itself, with a VXLAN device of the kernel as the other end of the tunnel. In place
 * of a gateway, a bridge of the kernel takes what programs leave to it.
 *
 * <pre>
 *   remote             here                                workload
 *   vx0 ─ uA ───────── uB ─┬─ programs ──────────────┬─ p0 ─ eth0
 *                          └─ vx1 ─ bridge (walks) ──┘
 * </pre>
 */
@Tag("live")
class EncapLiveTest {
    private static final int SOURCE_PORT = 51_000;
    private static final int STREAM_BYTES = 64 << 20;
    private static final int PATIENCE_MILLIS = 5_000;
    private static final int DATAGRAM = 1_000;
    private static final int DATAGRAMS = 40;
    private static final TunnelEnd END =
            new TunnelEnd(Rig.address(Rig.LOCAL), 4789, false, true, TunnelEnd.INHERIT, 64, true);

    private TierLab lab;
    private Rig rig;
    private int underlay;
    private int port;
    private long packets;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    @BeforeEach
    void lab() throws LinuxException {
        lab = new TierLab();
        rig = lab.rig;
        TierLab.tunnel(lab.here, "vx1", "02:00:00:00:0a:03", Rig.LOCAL, Rig.REMOTE);
        lab.here.ip("link add br0 type bridge");
        for (String device : List.of("vx1", "p0")) {
            lab.here.ip("link set " + device + " master br0 up");
        }
        lab.here.ip("link set br0 up");
        lab.here.netNamespace().call(() -> {
            underlay = TierLab.index("uB");
            port = TierLab.index("p0");
            lab.attach(UnderlayProgram.of(rig.tables, END), underlay);
            lab.attach(PortProgram.of(rig.tables, END), port);
            return true;
        });
    }

    @AfterEach
    void end() {
        lab.close();
    }

    /** Both directions of a flow between port 5000 of the remote end and port 6000 of the workload. */
    private void install(boolean ipv6, boolean tcp) throws LinuxException {
        byte[] in = frame(ipv6, tcp, true).ports(5000, 6000).build();
        KernelDecision toPort = KernelDecision.toPort(0, 1, port, Rig.LIMIT);
        Objects.requireNonNull(rig.flows.install(rig.key(in, 8), Rig.VTEP_PORT, toPort, (more, bytes) -> {}));
        byte[] out = frame(ipv6, tcp, false).ports(6000, 5000).build();
        KernelDecision toTunnel = KernelDecision.toTunnel(0, 1, underlay, Rig.LIMIT, Rig.VNI, Rig.address(Rig.REMOTE))
                .from(SOURCE_PORT);
        Objects.requireNonNull(rig.flows.install(rig.key(out, 0), port, toTunnel, (more, bytes) -> packets += more));
        rig.flows.noteLosses(); // the bridge does not count
        rig.flows.confirm();
        rig.flows.writeOffLosses();
    }

    private static FrameBuilder frame(boolean ipv6, boolean tcp, boolean toWorkload) {
        FrameBuilder frame = tcp
                ? ipv6 ? FrameBuilder.tcp6() : FrameBuilder.tcp4()
                : ipv6 ? FrameBuilder.udp6() : FrameBuilder.udp4();
        return TierLab.addressed(frame, ipv6, toWorkload);
    }

    private long arrivedAtRemote() {
        return Long.parseLong(lab.remote
                .output("cat", "/sys/class/net/uA/statistics/rx_packets")
                .strip());
    }

    /**
     * Segments that were sent again. On a busy host a probe for the stream's tail is sent for what is only late, and
     * may be a whole superframe.
     */
    private long sentAgain() {
        return count("/proc/net/snmp", "RetransSegs");
    }

    private long count(String file, String name) {
        String[] lines = lab.workload.output("cat", file).split("\n", -1);
        for (int i = 0; i + 1 < lines.length; i += 2) {
            int at = List.of(lines[i].split(" ", -1)).indexOf(name);
            if (at >= 0) {
                return Long.parseLong(lines[i + 1].split(" ", -1)[at]);
            }
        }
        throw new AssertionError("no " + name);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aStreamArrivesAsItWasSent(int how) throws Exception {
        boolean ipv6 = (how & 1) != 0;
        boolean isWire = how >= 2;
        if (isWire) {
            lab.here.output("ethtool", "-K", "uB", "gso", "off", "tso", "off");
        }
        InetAddress remoteAddress = InetAddress.getByName(TierLab.address(ipv6, 1));
        InetAddress ownAddress = InetAddress.getByName(TierLab.address(ipv6, 2));
        try (ServerSocket server = lab.remote.inside(() -> new ServerSocket(5000, 1, remoteAddress));
                Socket client = lab.workload.inside(() -> new Socket(remoteAddress, 5000, ownAddress, 6000));
                Socket accepted = server.accept();
                ExecutorService reader = Executors.newSingleThreadExecutor()) {
            accepted.setSoTimeout(PATIENCE_MILLIS);
            install(ipv6, /* tcp= */ true);
            long before = arrivedAtRemote();
            Future<Long> sum = reader.submit(() -> receive(accepted.getInputStream(), STREAM_BYTES));
            long sent = send(client.getOutputStream(), STREAM_BYTES);
            assertEquals(sent, sum.get(), "other bytes arrived");
            rig.flows.collect();
            long wire = STREAM_BYTES / 1400;
            assertTrue(packets > wire * 9 / 10, () -> "only " + packets + " of more than " + wire + " went fast");
            assertEquals(0, rig.tables.count(Outcome.REFUSED));
            assertTrue(sentAgain() < wire / 10, () -> sentAgain() + " of " + wire + " segments were sent again");
            long arrived = arrivedAtRemote() - before;
            assertTrue(
                    isWire ? arrived > wire : arrived < wire / 4,
                    () -> arrived + " frames for " + wire + " packets, " + (isWire ? "wire" : "whole"));
        }
    }

    private static long send(OutputStream to, int bytes) throws IOException {
        byte[] chunk = new byte[1 << 16];
        long sum = 0;
        for (int sent = 0; sent < bytes; sent += chunk.length) {
            for (int i = 0; i < chunk.length; i++) {
                chunk[i] = (byte) (i * 31 + (sent >>> 16));
                sum = sum * 31 + chunk[i];
            }
            to.write(chunk);
        }
        return sum;
    }

    private static long receive(InputStream from, int bytes) throws IOException {
        byte[] chunk = new byte[1 << 16];
        long sum = 0;
        for (int received = 0; received < bytes; ) {
            int length = from.read(chunk);
            if (length < 0) {
                throw new IOException("the stream ended after " + received + " bytes");
            }
            for (int i = 0; i < length; i++) {
                sum = sum * 31 + chunk[i];
            }
            received += length;
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSuperframeOfDatagramsArrivesAsDatagrams(boolean isWire) throws Exception {
        if (isWire) {
            lab.here.output("ethtool", "-K", "uB", "gso", "off", "tso", "off", "tx-udp-segmentation", "off");
        }
        InetAddress remoteAddress = InetAddress.getByName(TierLab.address(false, 1));
        InetAddress ownAddress = InetAddress.getByName(TierLab.address(false, 2));
        install(/* ipv6= */ false, /* tcp= */ false);
        try (DatagramSocket receiver =
                        lab.remote.inside(() -> new DatagramSocket(new InetSocketAddress(remoteAddress, 5000)));
                UdpSocket sender = lab.workload.inside(() -> UdpSocket.open(StandardProtocolFamily.INET));
                SendVector vector = new SendVector(1, 1);
                Arena arena = Arena.ofConfined()) {
            receiver.setSoTimeout(PATIENCE_MILLIS);
            sender.bind(ownAddress, 6000);
            MemorySegment bytes = arena.allocate((long) DATAGRAMS * DATAGRAM);
            for (int i = 0; i < DATAGRAMS; i++) {
                bytes.set(ValueLayout.JAVA_BYTE, (long) i * DATAGRAM, (byte) i);
                bytes.set(ValueLayout.JAVA_BYTE, (long) (i + 1) * DATAGRAM - 1, (byte) ~i);
            }
            vector.begin(0, UdpAddress.of(remoteAddress, 5000));
            vector.append(0, bytes.address(), (int) bytes.byteSize());
            vector.control(0, -1, -1, DATAGRAM);
            assertEquals(1, vector.send(sender, 0, 1));
            for (int i = 0; i < DATAGRAMS; i++) {
                DatagramPacket packet = new DatagramPacket(new byte[2 * DATAGRAM], 2 * DATAGRAM);
                receiver.receive(packet);
                assertEquals(DATAGRAM, packet.getLength());
                assertEquals((byte) i, packet.getData()[0]);
                assertEquals((byte) ~i, packet.getData()[DATAGRAM - 1]);
            }
            rig.flows.collect();
            assertEquals(DATAGRAMS, packets);
        }
    }
}
