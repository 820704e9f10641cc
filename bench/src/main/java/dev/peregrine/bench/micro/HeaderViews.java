package dev.peregrine.bench.micro;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.vxlan.VxlanHeader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Header views against bare reads of the same fields, and the dissection of a whole packet; per packet. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Batch.CAPACITY)
public class HeaderViews {
    private static final int NETWORK = VxlanHeader.LENGTH + EthernetHeader.LENGTH;
    private static final int TRANSPORT = NETWORK + Ipv4Header.LENGTH;

    private final Datagrams datagrams = new Datagrams();
    private final VxlanHeader vxlan = new VxlanHeader();
    private final EthernetHeader ethernet = new EthernetHeader();
    private final Ipv4Header ipv4 = new Ipv4Header();
    private final UdpHeader udp = new UdpHeader();

    /** VNI, both MACs, both addresses and both ports through views. */
    @Benchmark
    public long readThroughViews() {
        Batch batch = datagrams.batch();
        long sum = 0;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            ethernet.wrap(packet, VxlanHeader.LENGTH);
            ipv4.wrap(packet, NETWORK);
            udp.wrap(packet, TRANSPORT);
            sum += vxlan.wrap(packet, 0).vni() + ethernet.destination() + ethernet.source();
            sum += ipv4.source() + ipv4.destination() + udp.sourcePort() + udp.destinationPort();
        }
        return sum;
    }

    /** The same bytes without views: views must not cost more. */
    @Benchmark
    public long readBare() {
        Batch batch = datagrams.batch();
        long sum = 0;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            sum += (packet.getInt(4) >>> 8) + packet.getMac(8) + packet.getMac(14);
            sum += packet.getInt(NETWORK + Ipv4Header.SOURCE)
                    + packet.getInt(NETWORK + Ipv4Header.DESTINATION)
                    + packet.getShort(TRANSPORT)
                    + packet.getShort(TRANSPORT + UdpHeader.DESTINATION_PORT);
        }
        return sum;
    }

    /** Finds all headers and hashes the flow. */
    @Benchmark
    public int dissect() {
        Batch batch = datagrams.batch();
        int sum = 0;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            Dissector.dissect(packet, VxlanHeader.LENGTH);
            sum += packet.flowHash();
        }
        return sum;
    }

    /** Writes a VXLAN header. */
    @Benchmark
    public void writeVxlanHeader() {
        Batch batch = datagrams.batch();
        for (int i = 0; i < batch.size(); i++) {
            vxlan.wrap(batch.packet(i), 0).write(i);
        }
    }

    /** Frees the buffers. */
    @TearDown
    public void close() {
        datagrams.close();
    }
}
