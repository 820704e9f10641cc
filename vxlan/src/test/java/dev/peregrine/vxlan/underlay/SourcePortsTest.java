package dev.peregrine.vxlan.underlay;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.RemoteVtep.Standing;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.socket.UnderlayEnd;
import dev.peregrine.vxlan.underlay.socket.UnderlayEnd.Wishes;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SourcePortsTest {
    private static final String ADDRESS = "127.0.0.1";

    private static UnderlaySettings range(int first, int last) {
        return new UnderlaySettings(
                InetAddress.ofLiteral(ADDRESS), 4789, null, first, last, true, true, true, true, 1 << 20);
    }

    private static SourcePorts open(UnderlaySettings settings, int worker, int workers) throws IOException {
        SendRoom room = SendRoom.of(StandardProtocolFamily.INET);
        return SourcePorts.open(new SourcePorts.Share(settings, worker, workers, room), 4096);
    }

    private static Set<Integer> ports(SourcePorts ports) throws IOException {
        Set<Integer> numbers = new TreeSet<>();
        for (int i = 0; i < ports.size(); i++) {
            numbers.add(ports.socket(i).localPort());
        }
        return numbers;
    }

    @Test
    void spreadsOverTheRange() throws IOException {
        try (SourcePorts ports = open(range(49152, 65535), 0, 1)) {
            TreeSet<Integer> numbers = new TreeSet<>(ports(ports));
            assertEquals(SourcePorts.LIMIT, numbers.size());
            assertTrue(numbers.first() >= 49152 && numbers.first() < 49152 + 256, "first " + numbers.first());
            assertTrue(numbers.last() <= 65535 && numbers.last() > 65535 - 256, "last " + numbers.last());
        }
    }

    @Test
    void workersHaveSharesOfTheirOwn() throws IOException {
        Set<Integer> all = new HashSet<>();
        int first = 40_000;
        int last = 40_199;
        try (SourcePorts one = open(range(first, last), 0, 3);
                SourcePorts two = open(range(first, last), 1, 3);
                SourcePorts three = open(range(first, last), 2, 3)) {
            for (SourcePorts ports : new SourcePorts[] {one, two, three}) {
                assertTrue(ports.size() > 50, "only " + ports.size() + " ports");
                for (int port : ports(ports)) {
                    assertTrue(port >= first && port <= last, "port " + port);
                    assertTrue(all.add(port), "port " + port + " belongs to two workers");
                }
            }
        }
    }

    @Test
    void doubtfulVtepsHaveSocketsOfTheirOwnWhereTheKernelGrantsTooLittleRoom() throws IOException {
        VtepTable vteps = new VtepTable(4789, 8);
        RemoteVtep vtep = requireNonNull(vteps.configure(IpAddress.of(InetAddress.ofLiteral("127.0.0.9"))));
        SendRoom little = new SendRoom(212_992, 1 << 20);
        try (SourcePorts ports =
                SourcePorts.open(new SourcePorts.Share(range(49152, 65535), 0, 1, little), vteps.capacity())) {
            assertEquals(SourcePorts.LIMIT, ports.size());
            assertEquals(SourcePorts.MOST, ports.sockets());
            int silent = ports.choose(7, vtep);
            vtep.standing(Standing.FAILING);
            int failing = ports.choose(7, vtep);
            vtep.standing(Standing.HEARD);
            int heard = ports.choose(7, vtep);
            assertTrue(heard < SourcePorts.LIMIT, "heard " + heard);
            assertTrue(silent >= SourcePorts.LIMIT && silent < SourcePorts.LIMIT + SourcePorts.DOUBTFUL, "" + silent);
            assertEquals(silent + SourcePorts.DOUBTFUL, failing);
        }
    }

    @Test
    void roomGrowsWithTheVteps() throws IOException {
        try (SourcePorts ports = open(range(49152, 65535), 0, 1)) {
            int few = ports.grantedBytes();
            ports.makeRoom(100);
            assertTrue(
                    ports.grantedBytes() >= few + (128 - 16) * (160 << 10) / 2, ports.grantedBytes() + " after " + few);
            assertEquals(ports.wantedBytes(), ports.grantedBytes());
            assertEquals(ports.size(), ports.sockets());
        }
    }

    @Test
    void skipsPortsThatAreTaken() throws IOException {
        int first = UnderlayEnd.freePort();
        try (DatagramSocket taken = new DatagramSocket(first + 1, InetAddress.ofLiteral(ADDRESS));
                SourcePorts ports = open(range(first, first + 2), 0, 1)) {
            assertEquals(Set.of(first, first + 2), ports(ports));
            assertFalse(taken.isClosed());
        }
    }

    @Test
    void saysWhatToDoWhenNoPortIsFree() throws IOException {
        int port = UnderlayEnd.freePort();
        try (DatagramSocket taken = new DatagramSocket(port, InetAddress.ofLiteral(ADDRESS))) {
            BindException e = assertThrows(BindException.class, () -> open(range(port, port), 0, 1));
            assertTrue(message(e).contains(port + "-" + port), message(e));
            assertTrue(message(e).contains("wider range"), message(e));
            assertFalse(taken.isClosed());
        }
        assertThrows(BindException.class, () -> open(range(port, port), 0, 2));
    }

    @Test
    void manyFlowsLeaveByManyPortsAndEachFlowByOneInOrder() throws IOException {
        int flows = 500;
        int rounds = 4;
        try (DatagramSocket receiver = new DatagramSocket(0, InetAddress.ofLiteral(ADDRESS));
                UnderlayEnd sender =
                        new UnderlayEnd(ADDRESS, UnderlayEnd.freePort(), receiver.getLocalPort(), Wishes.NONE)) {
            receiver.setSoTimeout(5000);
            int tunnel = sender.know(ADDRESS);
            Map<Integer, Integer> portOfFlow = new HashMap<>();
            Map<Integer, Integer> lastLength = new HashMap<>();
            Batch batch = new Batch();
            DatagramPacket datagram = new DatagramPacket(new byte[2000], 2000);
            int sent = 0;
            for (int i = 0; i < flows * rounds; i++) {
                batch.add(sender.frame(10_000 + i * 7919 % flows, 10 + i / flows, tunnel));
                if (batch.size() == 32 || i == flows * rounds - 1) {
                    sent = batch.size();
                    sender.underlay.accept(batch);
                    for (; sent > 0; sent--) {
                        receiver.receive(datagram);
                        int flow = ByteBuffer.wrap(datagram.getData()).getChar(8 + 14 + 20);
                        Integer before = portOfFlow.put(flow, datagram.getPort());
                        assertTrue(
                                before == null || before == datagram.getPort(), "flow " + flow + " changed its port");
                        Integer length = lastLength.put(flow, datagram.getLength());
                        assertTrue(length == null || length < datagram.getLength(), "flow " + flow + " out of order");
                    }
                }
            }
            assertEquals(flows, portOfFlow.size());
            Set<Integer> ports = new HashSet<>(portOfFlow.values());
            assertEquals(sender.underlay.sourcePorts(), ports.size());
            for (int port : ports) {
                assertTrue(port >= 49152, "port " + port);
            }
        }
    }

    private static String message(Exception e) {
        return String.valueOf(e.getMessage());
    }
}
