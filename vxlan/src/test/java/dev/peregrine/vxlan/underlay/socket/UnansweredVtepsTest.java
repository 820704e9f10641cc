package dev.peregrine.vxlan.underlay.socket;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.RemoteVtep.Standing;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.SendErrors;
import dev.peregrine.vxlan.underlay.SendRoom;
import dev.peregrine.vxlan.underlay.SourcePorts;
import dev.peregrine.vxlan.underlay.UnderlaySettings;
import dev.peregrine.vxlan.underlay.VtepCounters;
import dev.peregrine.vxlan.underlay.socket.UnderlayEnd.Wishes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Datagrams that the kernel parks for VTEPs that do not answer fill no buffer that others need. */
@Tag("live")
class UnansweredVtepsTest {
    private static final InetAddress LOCAL = InetAddress.ofLiteral("198.18.0.2");
    private static final int DEAD = 60;
    private static final int ROUNDS = 150;
    private static final int PARKED = 212_992;

    @Test
    void aSilentVtepLosesNothingWhereTheBufferHasRoomForAll() throws IOException {
        withDeadVtepsBeside(Standing.SILENT, SendRoom.of(StandardProtocolFamily.INET), (ports, counters, living) -> {
            assertEquals(ports.size(), ports.sockets());
            assertTrue(ports.grantedBytes() >= ports.wantedBytes());
            assertEquals(ROUNDS, counters.sentDatagrams(living.index()));
            assertEquals(0, counters.failedDatagrams(living.index()));
        });
    }

    @Test
    void aVtepThatWasHeardLosesNothingWhereTheKernelGrantsLittle() throws IOException {
        withDeadVtepsBeside(Standing.HEARD, new SendRoom(PARKED, 128 << 10), (ports, counters, living) -> {
            assertEquals(ports.size() + 2 * SourcePorts.DOUBTFUL, ports.sockets());
            assertTrue(ports.grantedBytes() < ports.wantedBytes());
            assertEquals(ROUNDS, counters.sentDatagrams(living.index()));
            assertEquals(0, counters.failedDatagrams(living.index()));
        });
    }

    @Test
    void aSilentVtepLosesNothingToThoseThatFailWhereTheKernelGrantsLittle() throws IOException {
        withDeadVtepsBeside(Standing.SILENT, new SendRoom(PARKED, 128 << 10), (ports, counters, living) -> {
            assertEquals(ROUNDS, counters.sentDatagrams(living.index()));
            assertEquals(0, counters.failedDatagrams(living.index()));
        });
    }

    private interface Outcome {
        void check(SourcePorts ports, VtepCounters counters, RemoteVtep living);
    }

    private static void withDeadVtepsBeside(Standing standing, SendRoom room, Outcome outcome) throws IOException {
        VtepTable vteps = new VtepTable(4789, DEAD + 1);
        try (Namespace namespace = Live.namespace();
                UnderlayEnd packets =
                        new UnderlayEnd("127.0.0.1", UnderlayEnd.freePort(), UnderlayEnd.freePort(), Wishes.NONE)) {
            namespace.ip("link add u type veth peer name far");
            namespace.ip("link set far up");
            namespace.ip("link set u up");
            namespace.ip("address add 198.18.0.2/24 dev u");
            namespace.ip("neigh replace 198.18.0.1 lladdr 02:00:00:00:00:01 dev u");
            RemoteVtep living = requireNonNull(vteps.configure(IpAddress.of(InetAddress.ofLiteral("198.18.0.1"))));
            living.standing(standing);
            for (int i = 0; i < DEAD; i++) {
                InetAddress dead = InetAddress.ofLiteral("198.18.0." + (101 + i));
                requireNonNull(vteps.configure(IpAddress.of(dead))).standing(Standing.FAILING);
            }
            SourcePorts ports = namespace.netNamespace().call(() -> open(room, vteps));
            VtepCounters counters = new VtepCounters(vteps.slots());
            Segmentation segmentation = new Segmentation(new Offload("gso", true, ""), vteps.slots());
            SendErrors errors = new SendErrors(vteps, LOCAL, packets.drops, counters);
            try (Sender sender = new Sender(vteps, packets.drops, ports, segmentation, errors, counters)) {
                for (int round = 0; round < ROUNDS; round++) {
                    send(sender, packets, vteps, 500 + round);
                }
                outcome.check(ports, counters, living);
                assertNoErrorButFull(vteps, counters);
            }
        }
    }

    private static SourcePorts open(SendRoom room, VtepTable vteps) {
        try {
            UnderlaySettings settings = UnderlaySettings.of(LOCAL, 4789);
            SourcePorts ports = SourcePorts.open(new SourcePorts.Share(settings, 0, 1, room), vteps.capacity());
            ports.receiveErrors();
            ports.makeRoom(vteps.size());
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One datagram of one flow to each VTEP. */
    private static void send(Sender sender, UnderlayEnd packets, VtepTable vteps, int length) {
        Batch batch = new Batch();
        for (RemoteVtep vtep : vteps.list()) {
            batch.add(packets.frame(1000, length, vtep.port()));
        }
        sender.send(batch);
    }

    private static void assertNoErrorButFull(VtepTable vteps, VtepCounters counters) {
        for (RemoteVtep vtep : vteps.list()) {
            int errno = counters.lastErrno(vtep.index());
            assertTrue(errno == 0 || errno == Errno.EAGAIN || errno == Errno.EHOSTUNREACH, () -> vtep + " " + errno);
        }
    }
}
