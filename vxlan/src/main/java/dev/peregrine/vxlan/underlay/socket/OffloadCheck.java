package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.offload.ProbeAttempt;
import dev.peregrine.dataplane.offload.ProbeFrame;
import dev.peregrine.dataplane.offload.ProbeResult;
import dev.peregrine.dataplane.offload.Segmenter;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.SendErrors;
import dev.peregrine.vxlan.underlay.VtepCounters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/**
 * Checks, before traffic flows, that the kernel's offloads do not change the datagrams sent and received. One known
 * superframe crosses the loopback interface three times: as datagrams of our own, which need no offload; cut by the
 * kernel ({@code UDP_SEGMENT}); and cut so and received merged ({@code UDP_GRO}). All three must give the same
 * datagrams.
 *
 * <p>This tests the kernel's own code. Only traffic can show the work of a network card.
 *
 * @param gso of {@code UDP_SEGMENT}
 * @param gro of {@code UDP_GRO}
 */
public record OffloadCheck(ProbeResult gso, ProbeResult gro) {
    private static final ProbeFrame FRAME = ProbeFrame.tcp(false, 0);
    /** VNI 42. */
    private static final byte[] HEADER = {8, 0, 0, 0, 0, 0, 42, 0};

    /** Nothing was compared, since no offload is to be used. */
    static OffloadCheck none() {
        return new OffloadCheck(ProbeResult.notMade("not wanted"), ProbeResult.notMade("not wanted"));
    }

    /** Checks in the calling thread's network namespace, over the loopback address of the family of {@code local}. */
    public static OffloadCheck run(InetAddress local) {
        InetAddress loopback = InetAddress.ofLiteral(local instanceof Inet6Address ? "::1" : "127.0.0.1");
        try {
            return compare(loopback);
        } catch (LinuxException refused) {
            ProbeResult none = ProbeResult.notMade(String.valueOf(refused.getMessage()));
            return new OffloadCheck(none, none);
        }
    }

    private static OffloadCheck compare(InetAddress loopback) throws LinuxException {
        ProbeAttempt<LinuxException> plainly = () -> carry(loopback, false, false);
        List<byte[]> plain = plainly.carryUntil(datagrams -> datagrams.size() == FRAME.segments());
        if (plain.size() != FRAME.segments()) {
            ProbeResult none = ProbeResult.notMade("the loopback interface of this network namespace carries nothing");
            return new OffloadCheck(none, none);
        }
        ProbeResult gso = ProbeResult.of("datagrams", plain, () -> carry(loopback, true, false));
        ProbeResult gro = gso.passed()
                ? ProbeResult.of("datagrams", plain, () -> carry(loopback, true, true))
                : ProbeResult.notMade("it takes segmentation that works");
        return new OffloadCheck(gso, gro);
    }

    /** The datagrams of the known superframe as they arrive; fewer when some do not arrive soon. */
    private static List<byte[]> carry(InetAddress loopback, boolean gso, boolean gro) throws LinuxException {
        try (LoopbackReceiver receiver = LoopbackReceiver.open(loopback, gro);
                UdpSocket socket = UdpSocket.open(receiver.address().family())) {
            send(socket, receiver.address(), gso);
            return receiver.receive(FRAME.segments());
        }
    }

    /** Sends the superframe as a {@link Sender} does. */
    private static void send(UdpSocket socket, UdpAddress to, boolean gso) {
        VtepTable vteps = new VtepTable(to.port(), 1);
        RemoteVtep vtep = vteps.configure(IpAddress.of(to.address()));
        assert vtep != null : "an empty table has room for one";
        Segmentation segmentation = new Segmentation(new Offload("gso", gso, ""), vteps.slots());
        VtepCounters counters = new VtepCounters(vteps.slots());
        SendErrors errors = new SendErrors(vteps, to.address(), new DropCounters(), counters);
        try (PacketPool pool = new PacketPool(1, 1);
                Arena arena = Arena.ofConfined();
                DatagramQueue queue = new DatagramQueue(socket, segmentation, errors, counters)) {
            Packet packet = FRAME.in(pool, HEADER);
            int headers = Dissector.payloadIndex(packet);
            MemorySegment blocks = arena.allocate((long) headers * packet.wirePackets(), Long.BYTES);
            new Segmenter().write(packet, blocks, 0);
            Batch batch = new Batch();
            batch.add(packet);
            queue.begin(batch);
            queue.add(vtep, 0, blocks.address(), headers, packet.address() + headers, packet.segmentSize());
            for (int i = 0; i < packet.sliceCount(); i++) {
                long block = blocks.address() + (i + 1L) * headers;
                long payload = packet.memory().address() + packet.sliceOffset(i);
                queue.add(vtep, 0, block, headers, payload, packet.sliceLength(i));
            }
            queue.flush();
            pool.release(packet);
        }
    }
}
