package dev.peregrine.fastpath.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.bpf.TestRun;
import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.fastpath.FlowKey;
import dev.peregrine.fastpath.kernel.table.KernelDecision;
import dev.peregrine.fastpath.kernel.table.KernelFlows;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.fastpath.kernel.table.Orders;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/**
 * Runs the programs of one end on a few known frames, and compares verdict and bytes with those that are right: does
 * this kernel run them as they are meant? Frames go nowhere, and the tables are its own. Takes some milliseconds.
 */
public final class SelfTest implements AutoCloseable {
    private static final int FLOWS = 8;
    private static final int LOOPBACK = 1;
    private static final int VNI = 42;
    private static final int VTEP_PORT = 1 << 16;
    private static final int LIMIT = 1500;
    private static final int OUTER_SOURCE_PORT = 50_001;
    private static final int CE = 3;
    private static final int ECT_0 = 2;
    private static final int ECN_BITS = 2;

    private final TunnelEnd made;
    private final TunnelEnd end;
    private final InetAddress vtep;
    private final PacketPool pool = new PacketPool(1, 1);
    private final KernelTables tables;
    private final KernelFlows flows;
    private String failure = "";

    private SelfTest(TunnelEnd made, TunnelEnd end) throws LinuxException {
        this.made = made;
        this.end = end;
        vtep = address(end.isIpv6() ? "2001:db8::4d" : "192.0.2.77");
        tables = new KernelTables(FLOWS, 1, 0, 1);
        try {
            flows = new KernelFlows(tables, FLOWS);
        } catch (LinuxException e) {
            tables.close();
            throw e;
        }
    }

    /** The first thing that is not as it should be, for users; empty if all is. */
    public static Optional<String> failure(TunnelEnd end) {
        return failure(end, end);
    }

    /** As {@link #failure(TunnelEnd)}, of programs that were made for another end. */
    static Optional<String> failure(TunnelEnd made, TunnelEnd end) {
        try (SelfTest test = new SelfTest(made, end)) {
            test.outOfTunnel(UnderlayProgram.of(test.tables, made));
            if (end.canEncapsulate()) {
                test.intoTunnel();
            }
            return test.failure.isEmpty() ? Optional.empty() : Optional.of(test.failure);
        } catch (LinuxException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** As {@link #failure(TunnelEnd)}, of the programs that take superframes by a helper device, which is up. */
    public static Optional<String> failureWithHelper(TunnelEnd end) {
        try (SelfTest test = new SelfTest(end, end)) {
            test.outOfTunnel(UnderlayProgram.withHelper(test.tables, end));
            test.byHelper();
            return test.failure.isEmpty() ? Optional.empty() : Optional.of(test.failure);
        } catch (LinuxException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private void outOfTunnel(Program underlay) throws LinuxException {
        byte[] frame = KnownFrames.udp4(ECT_0);
        byte[] frame6 = KnownFrames.tcp6(0);
        try (LoadedProgram program = LoadedProgram.load(underlay)) {
            byte[] datagram = fromVtep(0, frame);
            expect(program, "a datagram of no VTEP", datagram, Verdict.NEXT, datagram);
            tables.vtep(vtep, VTEP_PORT);
            expect(program, "a datagram of no flow", datagram, Verdict.NEXT, datagram);
            installToPort(datagram, frame);
            expect(program, "a flow whose datagrams have not left", datagram, Verdict.NEXT, datagram);
            writeOff();
            expect(program, "UDP of a known flow", datagram, Verdict.REDIRECT, frame);
            expect(program, "an outer congestion mark", fromVtep(CE, frame), Verdict.REDIRECT, KnownFrames.udp4(CE));
            byte[] other = fromVtep(0, frame6);
            installToPort(other, frame6);
            expect(program, "TCP over IPv6 of a known flow", other, Verdict.REDIRECT, frame6);
            if (!end.isIpv6()) {
                byte[] wrong = datagram.clone();
                wrong[EthernetHeader.LENGTH + Ipv4Header.TTL]++;
                expect(program, "a wrong header checksum", wrong, Verdict.NEXT, wrong);
            }
            tables.epoch().advanceAll();
            expect(program, "a change", datagram, Verdict.NEXT, datagram);
        }
    }

    /** A superframe goes on to the helper device, and so does what comes behind it; its program sends the frame on. */
    private void byHelper() throws LinuxException {
        byte[] frame = KnownFrames.tcp6(ECT_0);
        byte[] datagram = fromVtep(0, frame);
        installToPort(datagram, frame);
        writeOff();
        try (Arena arena = Arena.ofConfined();
                LoadedProgram program = LoadedProgram.load(UnderlayProgram.withHelper(tables, made))) {
            MemorySegment merged = arena.allocate(SkBuff.SIZE, Long.BYTES);
            merged.set(JAVA_INT, SkBuff.GSO_SEGS, 2);
            merged.set(JAVA_INT, SkBuff.GSO_SIZE, 10);
            expect(program, "a superframe", program.run(datagram, merged), Verdict.PASS, datagram);
            expect(program, "a packet behind a superframe", datagram, Verdict.PASS, datagram);
        }
        try (LoadedProgram program = LoadedProgram.load(HelperProgram.probe(tables, made, VNI, vtep))) {
            expect(program, "a frame of a known flow", frame, Verdict.REDIRECT, frame);
            tables.epoch().advanceAll();
            expect(program, "a change", frame, Verdict.DROP, frame);
        }
    }

    private void intoTunnel() throws LinuxException {
        try (LoadedProgram program = LoadedProgram.load(PortProgram.of(tables, made))) {
            for (byte[] frame : new byte[][] {KnownFrames.udp4(ECT_0), KnownFrames.tcp6(CE)}) {
                expect(program, "a frame of no flow", frame, Verdict.NEXT, frame);
                KernelDecision decision = KernelDecision.toTunnel(tables.epoch().now(), 0, LOOPBACK, LIMIT, VNI, vtep);
                flows.install(key(frame, 0), LOOPBACK, decision.from(OUTER_SOURCE_PORT), (packets, bytes) -> {});
                writeOff();
                expect(program, "a frame of a known flow", frame, Verdict.REDIRECT, toVtep(frame));
            }
        }
    }

    private byte[] fromVtep(int tos, byte[] frame) {
        return KnownFrames.datagram(vtep, end.local(), OUTER_SOURCE_PORT, end.port(), tos, 64, 0, VNI, frame);
    }

    /** The datagram of a frame; the Ethernet header is the frame's until the next hop is known. */
    private byte[] toVtep(byte[] frame) {
        boolean isIpv4 = frame[EthernetHeader.ETHER_TYPE] == 0x08;
        int innerTos = isIpv4 ? ECT_0 : CE;
        int ecn = innerTos == CE && !end.marksSurvive() ? ECT_0 : innerTos;
        int tos = (end.dscp() == TunnelEnd.INHERIT ? 0 : end.dscp() << ECN_BITS) | ecn;
        int ttl = end.ttl() == TunnelEnd.INHERIT ? KnownFrames.INNER_TTL : end.ttl();
        int flags = end.df() ? Ipv4Header.DONT_FRAGMENT : 0;
        byte[] datagram =
                KnownFrames.datagram(end.local(), vtep, OUTER_SOURCE_PORT, end.port(), tos, ttl, flags, VNI, frame);
        System.arraycopy(frame, 0, datagram, 0, EthernetHeader.LENGTH);
        return datagram;
    }

    private void installToPort(byte[] datagram, byte[] frame) throws LinuxException {
        int tunnel = KnownFrames.VXLAN_BYTES;
        byte[] payload = Arrays.copyOfRange(datagram, datagram.length - frame.length - tunnel, datagram.length);
        flows.install(
                key(payload, tunnel),
                VTEP_PORT,
                KernelDecision.toPort(tables.epoch().now(), 0, LOOPBACK, LIMIT),
                (p, b) -> {});
    }

    /** No gateway counts these packets; nothing runs at the same time, so there is no grace to wait for. */
    private void writeOff() {
        for (int order = 0; order < Orders.COUNT; order++) {
            tables.settled(order, tables.pending(order));
        }
    }

    private FlowKey key(byte[] bytes, int frame) {
        Packet packet = Objects.requireNonNull(pool.acquire());
        packet.put(bytes.length);
        MemorySegment.copy(bytes, 0, packet.memory(), JAVA_BYTE, packet.offset(), bytes.length);
        Dissector.dissect(packet, frame);
        FlowKey key = new FlowKey();
        boolean isFlow = key.read(packet, frame, 0);
        pool.release(packet);
        if (!isFlow) {
            throw new AssertionError("known frames are of flows");
        }
        return key;
    }

    private void expect(LoadedProgram program, String what, byte[] frame, int verdict, byte[] bytes)
            throws LinuxException {
        if (!failure.isEmpty()) {
            return;
        }
        TestRun run = program.run(frame);
        if (!end.df() && !end.isIpv6() && bytes.length > frame.length && run.verdict() == verdict) {
            KnownFrames.identify(bytes, run.frame());
        }
        expect(program, what, run, verdict, bytes);
    }

    private void expect(LoadedProgram program, String what, TestRun run, int verdict, byte[] bytes) {
        if (!failure.isEmpty()) {
            return;
        }
        if (run.verdict() != verdict) {
            failure = program.name() + ", " + what + ": verdict " + run.verdict() + ", expected " + verdict;
        } else if (!Arrays.equals(bytes, run.frame())) {
            failure = program.name() + ", " + what + ": other bytes from " + Arrays.mismatch(bytes, run.frame())
                    + " on: " + HexFormat.of().formatHex(run.frame()) + ", expected "
                    + HexFormat.of().formatHex(bytes);
        }
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError("a literal address", e);
        }
    }

    @Override
    public void close() {
        flows.close();
        tables.close();
        pool.close();
    }
}
