package dev.peregrine.testkit.laws;

import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.fastpath.FlowKey;
import dev.peregrine.fastpath.kernel.TunnelEnd;
import dev.peregrine.fastpath.kernel.table.KernelDecision;
import dev.peregrine.fastpath.kernel.table.KernelFlow;
import dev.peregrine.fastpath.kernel.table.KernelFlows;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.TunnelSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A gateway in memory, and beside it the kernel's tier with the flows that the gateway's flow cache has learned: one
 * frame goes to both. Two segments, of which the second carries tags, with one port each, and two VTEPs.
 */
final class KernelTierWorld implements AutoCloseable {
    static final int PORT = 4789;

    /** Of datagrams that programs send. */
    static final int SOURCE_PORT = 51_234;

    static final int[] VNIS = {42, 7000};
    static final int MTU = 1400;

    /** The workloads' MAC addresses, by port. */
    static final long[] WORKLOADS = {0x02a1_5e77_0901L, 0x02c9_3b10_6612L};

    /** Where programs send frames to ports, and to the helper device. */
    private static final int FIRST_EXIT = 1001;

    private static final int HELPER = 2001;

    /** Frames of a test come in by the loopback device. */
    private static final int INGRESS = 1;

    private static final int CAPACITY = 1 << 12;

    final MemoryNetwork network = new MemoryNetwork();
    final MemoryGateway gateway;
    final InetAddress local;
    final InetAddress[] vteps;
    final int[] vtepPorts = new int[2];
    final KernelTables tables;
    final KernelFlows flows;
    final LoadedProgram program;
    final List<MemoryNetwork.Datagram> sent = new ArrayList<>();
    final Map<String, KernelFlow> installed = new HashMap<>();
    private final PacketPool pool = new PacketPool(4, 4);
    long counted;
    long countedBytes;

    KernelTierWorld(boolean ipv6, TunnelSettings settings, BiFunction<KernelTables, TunnelEnd, Program> program)
            throws LinuxException, UnknownHostException {
        this(ipv6, /* checksum= */ true, settings, program);
    }

    KernelTierWorld(
            boolean ipv6,
            boolean checksum,
            TunnelSettings settings,
            BiFunction<KernelTables, TunnelEnd, Program> program)
            throws LinuxException, UnknownHostException {
        local = InetAddress.getByName(ipv6 ? "2001:db8::77:1" : "198.18.0.1");
        vteps = new InetAddress[] {
            InetAddress.getByName(ipv6 ? "2001:db8:5::9:2" : "198.18.91.2"),
            InetAddress.getByName(ipv6 ? "2001:db8:c1::e:3" : "198.18.44.3")
        };
        List<Segment> segments = List.of(new Segment(0, VNIS[0], MTU, false), new Segment(1, VNIS[1], MTU, true));
        gateway = new MemoryGateway(
                network,
                IpAddress.of(local),
                GatewayShape.of(segments, List.of(0, 1)).flows(CAPACITY));
        gateway.vtep().settings(settings);
        tables = new KernelTables(CAPACITY, segments.size(), 4, 8);
        flows = new KernelFlows(tables, CAPACITY);
        for (int i = 0; i < vteps.length; i++) {
            IpAddress address = IpAddress.of(vteps[i]);
            vtepPorts[i] = gateway.addVtep(address);
            tables.vtep(address.high(), address.low(), vtepPorts[i]);
            network.connect(address, sent::add);
        }
        TunnelEnd end = new TunnelEnd(
                local,
                PORT,
                checksum,
                true,
                settings.dscp(),
                settings.ttl(),
                settings.encapEcn() == TunnelSettings.EncapEcn.RFC6040);
        this.program = LoadedProgram.load(program.apply(tables, end));
        for (int port = 0; port < WORKLOADS.length; port++) {
            gateway.endpoint(port)
                    .send(FrameBuilder.ethernet(0x02ff_ffff_fff0L, WORKLOADS[port], 0x88b5, new byte[46]));
        }
        gateway.run();
        take();
    }

    /** The frames that came out at each port since the last call. */
    List<List<byte[]>> take() {
        List<List<byte[]>> out = new ArrayList<>();
        for (int port = 0; port < gateway.ports(); port++) {
            out.add(gateway.endpoint(port).received());
        }
        return out;
    }

    /** The key of a frame, as text; null where it has none. */
    @Nullable
    FlowKey key(byte[] bytes, int tunnelBytes, int inPort) {
        Packet packet = dev.peregrine.dataplane.testing.Packets.of(pool, bytes);
        dev.peregrine.dataplane.header.Dissector.dissect(packet, tunnelBytes);
        FlowKey key = new FlowKey();
        boolean isFlow = key.read(packet, tunnelBytes, inPort);
        pool.release(packet);
        return isFlow ? key : null;
    }

    static String text(FlowKey key) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < FlowKey.WORDS; i++) {
            text.append(Long.toHexString(key.word(i))).append(' ');
        }
        return text.toString();
    }

    /** The gateway's cache knows a flow that leaves by a local port: now the tier does, too. */
    void installToPort(FlowKey key, int vtepPort, int port, int tagBytes) throws LinuxException {
        var decision = KernelDecision.toPort(0, port, FIRST_EXIT + port, MTU + 14 + tagBytes);
        install(key, vtepPort, decision);
    }

    /** The same, of a flow that leaves by the tunnel. */
    void installToTunnel(FlowKey key, int vni, InetAddress vtep) throws LinuxException {
        install(
                key,
                INGRESS,
                KernelDecision.toTunnel(0, 0, HELPER, MTU + 14, vni, vtep).from(SOURCE_PORT));
    }

    private void install(FlowKey key, int ingress, KernelDecision decision) throws LinuxException {
        KernelFlow flow = flows.install(key, ingress, decision, (packets, bytes) -> {
            counted += packets;
            countedBytes += bytes;
        });
        installed.put(text(key), Objects.requireNonNull(flow, "no slot is free"));
    }

    /** All packets that programs left to the gateway have left it. */
    void settle(int order) {
        tables.settled(order, tables.pending(order));
    }

    /** Damages some bytes of the first 150, or the length. */
    static byte[] damage(Gen gen, byte[] frame) {
        byte[] bytes = frame.clone();
        switch (gen.below(6)) {
            case 0 -> bytes = java.util.Arrays.copyOf(bytes, Math.max(14, bytes.length - 1 - gen.below(40)));
            case 1 -> bytes = java.util.Arrays.copyOf(bytes, bytes.length + 1 + gen.below(20));
            default -> {
                for (int i = gen.below(3); i >= 0; i--) {
                    int at = gen.below(Math.min(150, bytes.length));
                    bytes[at] = (byte) (gen.oneIn(2) ? gen.below(256) : bytes[at] ^ 1 << gen.below(8));
                }
            }
        }
        return bytes;
    }

    @Override
    public void close() throws LinuxException {
        program.close();
        flows.close();
        tables.close();
        gateway.close();
        pool.close();
    }
}
