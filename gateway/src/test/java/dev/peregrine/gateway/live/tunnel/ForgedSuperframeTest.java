package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.gateway.live.traffic.VxlanDatagram;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A container with a packet socket, behind the kernel's VTEP, sends superframes of UDP datagrams that reach the gateway
 * uncut: the payload has a VXLAN datagram of another VNI wherever the kernel would cut, and the IP length says that the
 * first packet ends before. Or its socket sends them, and it rewrites their headers.
 */
@LiveTest
class ForgedSuperframeTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int OTHER = 43;
    private static final int SIZE = 400;
    private static final int PIECES = 4;
    private static final int DISCARD = 9;
    private static final long BROADCAST = 0xffff_ffff_ffffL;
    private static final long ATTACKER = 0x0200_0000_0001L;

    @ParameterizedTest
    @EnumSource(names = {"IPV4_OFFLOAD", "IPV6_OFFLOAD"})
    void noPayloadBecomesAFrameOfAnotherVni(Underlay underlay) throws IOException {
        for (FrameBuilder shape : List.of(
                FrameBuilder.udp4(),
                FrameBuilder.udp6(),
                FrameBuilder.udp6().extensions(60, new byte[] {17, 0, 1, 4, 0, 0, 0, 0}))) {
            try (Lab lab = Lab.create(underlay)) {
                attack(lab, shape);
            }
        }
    }

    private static void attack(Lab lab, FrameBuilder shape) throws IOException {
        lab.kernelVtepA();
        letBridgeFilterNothing(lab);
        Namespace victim = lab.add("dB");
        try (var gateway = GatewayProcess.start(lab.hB(), config(lab, victim));
                var container = FrameSocket.open(lab.cA(), "eth0");
                var inVictim = FrameSocket.open(victim, "eth0");
                var inOwn = FrameSocket.open(lab.cB(), "eth0")) {
            byte[] inside = FrameBuilder.udp4()
                    .macs(BROADCAST, ATTACKER)
                    .payload(SIZE - 8 - 42)
                    .build();
            var before = gateway.drops();
            int transport = transport(shape.macs(BROADCAST, ATTACKER).payload(8).build());
            container.sendUdpSuperframe(forged(shape, transport, OTHER, inside), transport, SIZE);
            Await.until(
                    LIMIT,
                    "the superframe is dropped",
                    () -> gateway.dropsSince(before).getOrDefault("UNDERLAY_AMBIGUOUS", 0L) == PIECES,
                    gateway::counters);
            assertGroPauses(gateway);
            container.sendUdpSuperframe(forged(shape, transport, OTHER, inside), transport, SIZE);
            container.send(inside);
            inOwn.await(FrameSocket.endsWith(inside), 1);
            assertEquals(List.of(), inVictim.received(frame -> Reference.getShort(frame, 12) == 0x0800));
        }
    }

    /** For a minute: until then the kernel cuts, and counts what it cannot. */
    private static void assertGroPauses(GatewayProcess gateway) {
        Await.until(
                LIMIT,
                "GRO pauses",
                () -> gateway.log().stream().anyMatch(line -> line.contains("gro was switched off")),
                gateway::log);
    }

    private static int transport(byte[] frame) {
        return frame.length - 8 - 8;
    }

    private static byte[] forged(FrameBuilder shape, int transport, int vni, byte[] inside) {
        byte[] frame = shape.payload(PIECES * SIZE - 8 - transport - 8)
                .partialChecksum()
                .build();
        byte[] datagram = VxlanDatagram.payload(VxlanDatagram.CLEAN_FLAGS, vni, inside);
        for (int i = 1; i < PIECES; i++) {
            System.arraycopy(datagram, 0, frame, i * SIZE - 8, datagram.length);
        }
        boolean ipv4 = Reference.getShort(frame, 12) == 0x0800;
        Reference.setShort(frame, ipv4 ? 16 : 18, SIZE - 8 - 14 - (ipv4 ? 0 : 40));
        return frame;
    }

    /** A host may check IP lengths on its bridge, as an accident of its packet filter; it does not have to. */
    private static void letBridgeFilterNothing(Lab lab) {
        if (!Files.exists(Path.of("/proc/sys/net/bridge"))) return;
        for (String family : List.of("ip", "ip6", "arp")) {
            lab.hA().write("/proc/sys/net/bridge/bridge-nf-call-" + family + "tables", "0");
        }
    }

    private static String config(Lab lab, Namespace victim) {
        return lab.gatewayConfigB() + """
                  - vni: %d
                    flood: ["%s"]
                    ports:
                      - {name: victim, type: tap, device: eth0, netns: %s, mac: "02:00:00:00:00:43", addresses: [198.19.0.43/24]}
                """.formatted(OTHER, lab.vtepA(), victim);
    }

    /** The same datagrams in their own VNI are the container's own business; the other VNI sees nothing of it. */
    @Test
    void payloadMayBecomeFramesOfItsOwnVni() throws IOException {
        try (Lab lab = Lab.create(Underlay.IPV4_OFFLOAD)) {
            lab.kernelVtepA();
            letBridgeFilterNothing(lab);
            Namespace victim = lab.add("dB");
            try (var gateway = GatewayProcess.start(lab.hB(), config(lab, victim));
                    var container = FrameSocket.open(lab.cA(), "eth0");
                    var inVictim = FrameSocket.open(victim, "eth0");
                    var inOwn = FrameSocket.open(lab.cB(), "eth0")) {
                byte[] inside = FrameBuilder.udp4()
                        .macs(BROADCAST, ATTACKER)
                        .payload(SIZE - 8 - 42)
                        .build();
                FrameBuilder shape = FrameBuilder.udp4().macs(BROADCAST, ATTACKER);
                container.sendUdpSuperframe(forged(shape, 34, Lab.VNI, inside), 34, SIZE);
                inOwn.await(FrameSocket.endsWith(inside), PIECES - 1);
                assertEquals(List.of(), inVictim.received(frame -> Reference.getShort(frame, 12) == 0x0800));
                assertTrue(gateway.drops().getOrDefault("UNDERLAY_AMBIGUOUS", 0L) == 0, gateway::counters);
            }
        }
    }

    /**
     * A container with CAP_NET_ADMIN rewrites headers of a superframe that the kernel made, and does not check again.
     */
    @ParameterizedTest
    @ValueSource(strings = {"@nh,72,8 set 6", "@nh,72,8 set 1", "@ll,96,16 set 0x0806"})
    void noRewrittenHeaderMakesPayloadAFrameOfAnotherVni(String rewriting) throws IOException {
        Live.requirePrograms("nftables", "nft");
        try (Lab lab = Lab.create(Underlay.IPV4_OFFLOAD)) {
            lab.kernelVtepA();
            letBridgeFilterNothing(lab);
            Namespace victim = lab.add("dB");
            try (var gateway = GatewayProcess.start(lab.hB(), config(lab, victim));
                    var inVictim = FrameSocket.open(victim, "eth0")) {
                Command.run(lab.cA().words("ping", "-c", "1", "-W", "1", Lab.INNER_B)); // for its ARP, answered or not
                String rules = "table netdev forge { chain out { type filter hook egress device eth0 priority 0;"
                        + " udp dport %d %s; }; }".formatted(DISCARD, rewriting);
                assume(Command.run(lab.cA().words("nft", rules)), "nft with a kernel that has its egress hook");
                var before = gateway.drops();
                NetNamespace.of(lab.cA().name()).call(() -> {
                    sendUdpSuperframe();
                    return null;
                });
                Await.until(
                        LIMIT,
                        "the superframe is dropped",
                        () -> gateway.dropsSince(before).getOrDefault("UNDERLAY_AMBIGUOUS", 0L) == PIECES,
                        gateway::counters);
                assertEquals(List.of(), inVictim.received(frame -> Reference.getShort(frame, 12) == 0x0800));
            }
        }
    }

    private static void assume(Command.Result result, String what) {
        if (result.exit() != 0) System.err.println("SKIPPED a live test: it needs " + what + ": " + result);
        Assumptions.assumeTrue(result.exit() == 0, what);
    }

    /** From a socket, by the kernel: its headers are all right. */
    private static void sendUdpSuperframe() throws LinuxException {
        byte[] inside = FrameBuilder.udp4()
                .macs(BROADCAST, ATTACKER)
                .payload(SIZE - 8 - 42)
                .build();
        byte[] payload = new byte[PIECES * SIZE - 50];
        byte[] datagram = VxlanDatagram.payload(VxlanDatagram.CLEAN_FLAGS, OTHER, inside);
        for (int i = 1; i < PIECES; i++) {
            System.arraycopy(datagram, 0, payload, i * SIZE - 50, datagram.length);
        }
        UdpAddress to = UdpAddress.of(InetAddress.ofLiteral(Lab.INNER_B), DISCARD);
        try (UdpSocket socket = UdpSocket.open(to.family());
                SendVector message = new SendVector(1, 1);
                Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, payload);
            message.begin(0, to);
            message.append(0, memory.address(), payload.length);
            message.control(0, -1, -1, SIZE);
            assertEquals(1, message.send(socket, 0, 1));
        }
    }
}
