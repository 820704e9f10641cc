package dev.peregrine.dataplane.linux.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.Loopback;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link SendVector} to {@link ReceiveVector} over the loopback interface. */
class MessageVectorTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void gathersFragmentsInOrder(String address) throws LinuxException {
        try (Loopback loopback = new Loopback(address)) {
            loopback.send.begin(0, loopback.destination);
            loopback.send.append(0, loopback.payload.address() + 10, 3);
            loopback.send.append(0, loopback.payload.address() + 100, 2);
            loopback.sendOne();

            assertEquals(1, loopback.await());
            assertEquals(5, loopback.receive.length(0));
            assertArrayEquals(
                    new byte[] {10, 11, 12, 100, 101},
                    loopback.buffers.asSlice(0, 5).toArray(ValueLayout.JAVA_BYTE));
            assertEquals(0, loopback.receive.segmentSize(0));
            assertFalse(loopback.receive.truncated(0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void tellsTheSource(String address) throws LinuxException {
        try (Loopback loopback = new Loopback(address)) {
            loopback.begin(1);
            loopback.sendOne();

            loopback.await();
            assertEquals(0, loopback.receive.sourceHigh(0));
            assertEquals(address.equals("::1") ? 1 : 0xffff_7f00_0001L, loopback.receive.sourceLow(0));
            assertEquals(loopback.sender.localPort(), loopback.receive.sourcePort(0));
        }
    }

    @Test
    void sendsAndReceivesManyInOneCall() throws LinuxException {
        try (Loopback loopback = new Loopback("127.0.0.1")) {
            for (int i = 0; i < Loopback.MESSAGES; i++) {
                loopback.send.begin(i, loopback.destination);
                loopback.send.append(i, loopback.payload.address(), 10 + i);
            }
            assertEquals(6, loopback.send.send(loopback.sender, 2, 6));
            assertEquals(4, loopback.receive.receive(loopback.receiver, 1, 4));
            assertEquals(12, loopback.receive.length(1));
            assertEquals(15, loopback.receive.length(4));
            assertEquals(2, loopback.receive.receive(loopback.receiver, 0, Loopback.MESSAGES));
            assertEquals(17, loopback.receive.length(1));
            assertEquals(0, loopback.receive.receive(loopback.receiver, 0, Loopback.MESSAGES));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void segmentsOnSendAndMergesOnReceive(String address) throws LinuxException {
        try (Loopback loopback = new Loopback(address)) {
            assumeTrue(loopback.sender.supportsSegmentation(), "skipped: this kernel has no UDP_SEGMENT");
            assumeTrue(loopback.receiver.gro(true), "skipped: this kernel has no UDP_GRO");
            loopback.begin(10_500);
            loopback.send.control(0, -1, -1, 1_000);
            loopback.sendOne();

            assertEquals(1, loopback.await());
            assertEquals(10_500, loopback.receive.length(0));
            assertEquals(1_000, loopback.receive.segmentSize(0));

            assertTrue(loopback.receiver.gro(false));
            loopback.sendOne();
            int received = loopback.await();
            assertEquals(1_000, loopback.receive.length(0));
            assertEquals(0, loopback.receive.segmentSize(0), "a stale segment size");
            assertEquals(11, received + loopback.drain());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void carriesTosAndTtlPerMessage(String address) throws LinuxException {
        try (Loopback loopback = new Loopback(address)) {
            loopback.receiver.receiveTos(true);
            loopback.receiver.receiveTtl(true);
            loopback.receiver.gro(true);
            loopback.sender.ttl(33);
            loopback.sender.tos(0x28);
            loopback.begin(2_000);
            loopback.send.control(0, 0xb9, 77, 1_000);
            loopback.sendOne();
            loopback.await();
            assertEquals(0xb9, loopback.receive.tos(0));
            assertEquals(77, loopback.receive.ttl(0));
            assertEquals(1_000, loopback.receive.segmentSize(0));

            loopback.send.control(0, -1, -1, 0);
            loopback.sendOne();
            loopback.await();
            assertEquals(0x28, loopback.receive.tos(0));
            assertEquals(33, loopback.receive.ttl(0));

            loopback.receiver.receiveTos(false);
            loopback.receiver.receiveTtl(false);
            loopback.sendOne();
            loopback.await();
            assertEquals(-1, loopback.receive.tos(0));
            assertEquals(-1, loopback.receive.ttl(0));
        }
    }

    @Test
    void dualStackSocketTellsTosTtlAndMappedSourceOfIpv4() throws LinuxException {
        try (Loopback loopback = new Loopback("127.0.0.1");
                UdpSocket dual =
                        UdpSocket.open(UdpAddress.of(Loopback.ip("::"), 0).family())) {
            dual.ipv6Only(false);
            dual.receiveTos(true);
            dual.receiveTtl(true);
            dual.bind(Loopback.ip("::"), 0);
            loopback.send.begin(0, UdpAddress.of(loopback.address, dual.localPort()));
            loopback.send.append(0, loopback.payload.address(), 9);
            loopback.send.control(0, 0x2c, 99, 0);
            loopback.sendOne();

            assertEquals(1, loopback.receive.receive(dual, 0, 1));
            assertEquals(0x2c, loopback.receive.tos(0));
            assertEquals(99, loopback.receive.ttl(0));
            assertEquals(0, loopback.receive.sourceHigh(0));
            assertEquals(0xffff_7f00_0001L, loopback.receive.sourceLow(0));
        }
    }

    @Test
    void tellsTruncation() throws LinuxException {
        try (Loopback loopback = new Loopback("127.0.0.1")) {
            loopback.receive.buffer(0, loopback.buffers.address(), 100);
            loopback.begin(101);
            loopback.sendOne();
            loopback.await();
            assertTrue(loopback.receive.truncated(0));
            assertEquals(100, loopback.receive.length(0));

            loopback.begin(100);
            loopback.sendOne();
            loopback.await();
            assertFalse(loopback.receive.truncated(0));
        }
    }

    @Test
    void countsDatagramsThatFoundTheQueueFull() throws LinuxException {
        try (Loopback loopback = new Loopback("127.0.0.1")) {
            loopback.receiver.receiveBuffer(4_096);
            loopback.begin(1_000);
            for (int i = 0; i < 100; i++) {
                loopback.sendOne();
            }
            int delivered = loopback.await();
            delivered += loopback.drain();
            int dropped = 100 - delivered;
            assertTrue(dropped > 0, "a 4 KiB queue held 100 datagrams of 1000 bytes");

            assertEquals(dropped, loopback.receiver.drops());
        }
    }

    @Test
    void reportsErrnoOfTheFirstMessageThatFails() throws LinuxException {
        try (Loopback loopback = new Loopback("127.0.0.1")) {
            loopback.begin(65_508);
            assertEquals(-Errno.EMSGSIZE, loopback.send.send(loopback.sender, 0, 1));

            loopback.begin(10);
            loopback.send.begin(1, loopback.destination);
            loopback.send.append(1, loopback.payload.address(), 65_508);
            assertEquals(1, loopback.send.send(loopback.sender, 0, 2));

            loopback.sender.close();
            assertEquals(-Errno.EBADF, loopback.send.send(loopback.sender, 0, 1));
            loopback.receiver.close();
            assertEquals(-Errno.EBADF, loopback.receive.receive(loopback.receiver, 0, 1));
        }
    }

    @Test
    void refusesMoreMessagesOrFragmentsThanItHolds() throws LinuxException {
        try (Loopback loopback = new Loopback("127.0.0.1")) {
            assertThrows(IndexOutOfBoundsException.class, () -> loopback.send.send(loopback.sender, 1, 8));
            assertThrows(IndexOutOfBoundsException.class, () -> loopback.receive.receive(loopback.receiver, 8, 1));
            loopback.send.begin(0, loopback.destination);
            for (int i = 0; i < loopback.send.fragments(); i++) {
                loopback.send.append(0, loopback.payload.address(), 1);
            }
            assertThrows(IndexOutOfBoundsException.class, () -> loopback.send.append(0, loopback.payload.address(), 1));
        }
    }
}
