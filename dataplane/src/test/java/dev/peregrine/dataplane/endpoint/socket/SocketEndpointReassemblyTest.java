package dev.peregrine.dataplane.endpoint.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Fragments;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.endpoint.Frames.Host;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams that come in fragments. */
class SocketEndpointReassemblyTest extends SocketEndpointFragmentsFixture {
    /** All orders of four fragments. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void putsDatagramsTogetherInEveryOrder(boolean ipv6) throws LinuxException {
        SocketEndpoint endpoint = endpoint(port(ipv6));
        byte[] payload = bytes(101);
        List<byte[]> fragments = Fragments.cut(Frames.udp(remote(ipv6), port(ipv6), payload), 32, 7);
        assertEquals(4, fragments.size());
        for (List<byte[]> order : orders(fragments)) {
            acceptAll(endpoint, order);
            assertArrayEquals(payload, application.receive());
            assertEquals(0, endpoint.incomplete());
        }
        assertEquals(0, drops.total());
        assertEquals(1, endpoint.remotes());
    }

    private static List<List<byte[]>> orders(List<byte[]> parts) {
        if (parts.size() == 1) {
            return List.of(parts);
        }
        List<List<byte[]>> orders = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            List<byte[]> others = new ArrayList<>(parts);
            byte[] first = others.remove(i);
            for (List<byte[]> rest : orders(others)) {
                List<byte[]> order = new ArrayList<>(List.of(first));
                order.addAll(rest);
                orders.add(order);
            }
        }
        return orders;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void putsTheLongestDatagramTogether(boolean ipv6) throws LinuxException {
        SocketEndpoint endpoint = endpoint(port(ipv6));
        byte[] payload = bytes(65_507);
        acceptAll(endpoint, Fragments.cut(Frames.udp(remote(ipv6), port(ipv6), payload), SIZE, 1));
        assertArrayEquals(payload, receive(application));
        assertEquals(0, drops.total());
    }

    /** One byte more than the IP header can say, as the end of a ping of death. */
    @Test
    void dropsFragmentsBehindTheLongestDatagram() throws LinuxException {
        byte[] frame = Frames.udp(REMOTE, PORT, new byte[0]);
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Fragments.of(frame, 65_512, new byte[4], false, 1));
        assertOnlyDrop(DropReason.INNER_HEADER_INVALID, 1);
        byte[] frame6 = Frames.udp(REMOTE6, PORT6, new byte[0]);
        accept(endpoint(PORT6), Fragments.of(frame6, 65_528, new byte[8], false, 1));
        assertOnlyDrop(DropReason.INNER_HEADER_INVALID, 2);
        accept(endpoint, Fragments.of(frame, 8, new byte[12], true, 1));
        accept(endpoint, Fragments.of(frame, 8, new byte[0], false, 1));
        assertOnlyDrop(DropReason.INNER_HEADER_INVALID, 4);
        assertEquals(0, endpoint.incomplete());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void deliversDatagramsOfWhichFragmentsComeTwice(boolean ipv6) throws LinuxException {
        SocketEndpoint endpoint = endpoint(port(ipv6));
        byte[] payload = bytes(4_001);
        List<byte[]> fragments = Fragments.cut(Frames.udp(remote(ipv6), port(ipv6), payload), SIZE, 1);
        accept(endpoint, fragments.get(0), fragments.get(0), fragments.get(2), fragments.get(2), fragments.get(1));
        assertArrayEquals(payload, receive(application));
        assertOnlyDrop(DropReason.DUP_FRAG, 2);
    }

    /** RFC 5722: neither what came before nor what comes after is used. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void losesDatagramsWhoseFragmentsOverlap(boolean ipv6) throws LinuxException {
        SocketEndpoint endpoint = endpoint(port(ipv6));
        byte[] frame = Frames.udp(remote(ipv6), port(ipv6), bytes(3_000));
        List<byte[]> fragments = Fragments.cut(frame, SIZE, 1);
        byte[] overlap = Fragments.of(frame, SIZE - 8, new byte[16], true, 1);
        accept(endpoint, fragments.get(0), fragments.get(2), overlap, fragments.get(1));
        assertOnlyDrop(DropReason.FRAG_OVERLAP, 4);
        assertNull(application.receive());
        acceptAt(endpoint, 61);
        assertOnlyDrop(DropReason.FRAG_OVERLAP, 4);
        acceptAll(endpoint, fragments);
        assertEquals(3_000, receive(application).length);
    }

    /** Each spoils what one fragment, bytes 64 to 127, had begun. */
    @Test
    void knowsEveryKindOfOverlap() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        byte[] frame = Frames.udp(REMOTE, PORT, new byte[0]);
        byte[] ones = new byte[64];
        Arrays.fill(ones, (byte) 1);
        List<byte[]> others = List.of(
                Fragments.of(frame, 64, ones, true, 1), // the same place, other bytes
                Fragments.of(frame, 64, new byte[56], true, 2), // a part of it
                Fragments.of(frame, 72, new byte[56], true, 3),
                Fragments.of(frame, 56, new byte[80], true, 4), // more than it
                Fragments.of(frame, 120, new byte[16], true, 5),
                Fragments.of(frame, 56, new byte[16], true, 6),
                Fragments.of(frame, 64, new byte[64], false, 7), // it, but the last
                Fragments.of(frame, 8, new byte[8], false, 8)); // an end before it
        for (int i = 0; i < others.size(); i++) {
            accept(endpoint, Fragments.of(frame, 64, new byte[64], true, i + 1), others.get(i));
            assertOnlyDrop(DropReason.FRAG_OVERLAP, 2L * (i + 1));
        }
        accept(endpoint, Fragments.of(frame, 64, new byte[64], false, 20), Fragments.of(frame, 128, ones, true, 20));
        accept(endpoint, Fragments.of(frame, 64, new byte[64], false, 21), Fragments.of(frame, 128, ones, false, 21));
        accept(
                endpoint,
                Fragments.of(frame, 64, new byte[60], false, 22),
                Fragments.of(frame, 0, new byte[128], true, 22));
        assertOnlyDrop(DropReason.FRAG_OVERLAP, 2L * (others.size() + 3));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void givesUpWhatIsNotCompleteInTime(boolean ipv6) throws LinuxException {
        SocketEndpoint endpoint = endpoint(port(ipv6));
        int limit = ipv6 ? FragmentDelivery.IPV6_SECONDS : FragmentDelivery.IPV4_SECONDS;
        List<byte[]> fragments = Fragments.cut(Frames.udp(remote(ipv6), port(ipv6), bytes(3_000)), SIZE, 1);
        acceptAt(endpoint, 100, fragments.get(0));
        acceptAt(endpoint, 100 + limit, fragments.get(1));
        assertTrue(endpoint.wantsTicks());
        assertEquals(0, drops.total());
        endpoint.tick(TimeUnit.SECONDS.toNanos(101 + limit));
        assertOnlyDrop(DropReason.FRAG_REASM_TIMEOUT, 2);
        assertEquals(0, endpoint.incomplete());
        acceptAt(endpoint, 101 + limit, fragments.get(2));
        assertNull(application.receive());
    }

    @Test
    void oneSenderLeavesPlacesToOthers() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        Host other = new Host(0x0200_0000_0003L, "198.19.0.3", 9);
        byte[] payload = bytes(2_000);
        List<byte[]> patient = Fragments.cut(Frames.udp(other, PORT, payload), SIZE, 1);
        accept(endpoint, patient.get(0));
        for (int id = 0; id < 1_000; id++) {
            accept(endpoint, Fragments.of(Frames.udp(REMOTE, PORT, new byte[0]), 0, bytes(1_024), true, id));
        }
        assertOnlyDrop(DropReason.FRAG_EVICTED, 1_000 - Reassembly.PER_SENDER);
        accept(endpoint, patient.get(1));
        assertArrayEquals(payload, receive(application));
    }

    @Test
    void oneSenderDisplacesItsOldest() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        List<List<byte[]>> datagrams = new ArrayList<>();
        for (int id = 0; id <= Reassembly.PER_SENDER; id++) {
            datagrams.add(Fragments.cut(Frames.udp(REMOTE, PORT, bytes(1_500 + id)), SIZE, id));
            accept(endpoint, datagrams.get(id).get(0));
        }
        assertOnlyDrop(DropReason.FRAG_EVICTED, 1);
        for (int id = Reassembly.PER_SENDER; id > 0; id--) {
            accept(endpoint, datagrams.get(id).get(1));
            assertArrayEquals(bytes(1_500 + id), receive(application));
        }
        assertEquals(0, endpoint.incomplete());
    }

    @Test
    void manySendersDisplaceTheOldest() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        List<List<byte[]>> datagrams = new ArrayList<>();
        for (int i = 0; i <= Reassembly.DATAGRAMS; i++) {
            Host sender = new Host(0x0200_0000_0100L + i, "198.19.1." + i, 9);
            datagrams.add(Fragments.cut(Frames.udp(sender, PORT, bytes(1_500 + i)), SIZE, 1));
            accept(endpoint, datagrams.get(i).get(0));
        }
        assertOnlyDrop(DropReason.FRAG_EVICTED, 1);
        for (int i = 1; i <= Reassembly.DATAGRAMS; i++) {
            accept(endpoint, datagrams.get(i).get(1));
            assertArrayEquals(bytes(1_500 + i), receive(application));
        }
        accept(endpoint, datagrams.get(0).get(1));
        assertNull(application.receive());
        assertOnlyDrop(DropReason.FRAG_EVICTED, 1);
    }

    @Test
    void tellsDatagramsApartByIdentification() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT6);
        List<byte[]> one = Fragments.cut(Frames.udp(REMOTE6, PORT6, bytes(2_000)), SIZE, 0x1_0001);
        List<byte[]> two = Fragments.cut(Frames.udp(REMOTE6, PORT6, bytes(2_001)), SIZE, 0x2_0001);
        accept(endpoint, one.get(0), two.get(1), two.get(0));
        assertArrayEquals(bytes(2_001), receive(application));
        accept(endpoint, one.get(1));
        assertArrayEquals(bytes(2_000), receive(application));
        assertEquals(0, drops.total());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void dropsWholeDatagramsThatAreWrong(boolean ipv6) throws LinuxException {
        SocketEndpoint endpoint = endpoint(port(ipv6));
        byte[] wrong = Frames.udp(remote(ipv6), port(ipv6), bytes(3_000));
        wrong[2_000]++;
        acceptAll(endpoint, Fragments.cut(wrong, SIZE, 1));
        assertOnlyDrop(DropReason.INNER_CHECKSUM, 3);
        acceptAll(endpoint, Fragments.cut(Frames.udp(remote(ipv6), port(ipv6).port(9), bytes(3_000)), SIZE, 2));
        assertEquals(3, drops.count(DropReason.SOCKET_NOT_OURS));
        byte[] unchecked = Frames.udp(remote(ipv6), port(ipv6), bytes(3_000));
        Frames.putShort(unchecked, Frames.transport(unchecked) + 6, 0);
        acceptAll(endpoint, Fragments.cut(unchecked, SIZE, 3));
        assertEquals(ipv6 ? 6 : 3, drops.count(DropReason.INNER_CHECKSUM));
        byte[] longer = Frames.udp(remote(ipv6), port(ipv6), bytes(3_000));
        Frames.putShort(longer, Frames.transport(longer) + 4, 3_009);
        acceptAll(endpoint, Fragments.cut(longer, SIZE, 4));
        assertEquals(3, drops.count(DropReason.INNER_HEADER_INVALID));
    }

    @Test
    void reassemblesNothingButUdp() throws LinuxException {
        byte[] ping = Frames.echo(REMOTE, PORT, true, 1, new byte[2_000]);
        byte[] ping6 = Frames.echo(REMOTE6, PORT6, true, 1, new byte[2_000]);
        acceptAll(endpoint(PORT), Fragments.cut(ping, SIZE, 1));
        acceptAll(endpoint(PORT6), Fragments.cut(ping6, SIZE, 1));
        assertOnlyDrop(DropReason.INNER_FRAGMENT, 4);
    }

    /** RFC 6946: an only fragment is a whole datagram, whatever else has its identification. */
    @Test
    void deliversAtomicFragmentsAtOnce() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT6);
        byte[] frame = Frames.udp(REMOTE6, PORT6, text("atomic"));
        accept(endpoint, Fragments.of(frame, 8, new byte[8], true, 1));
        accept(endpoint, Fragments.cut(frame, SIZE, 1).getFirst());
        assertArrayEquals(text("atomic"), receive(application));
        assertEquals(0, drops.total());
    }

    @Test
    void countsFragmentsThatAreThereAtTheEnd() throws LinuxException {
        SocketEndpoint endpoint = new SocketEndpoint(SocketWorld.settings(PORT, application), pool, drops);
        accept(
                endpoint,
                Fragments.cut(Frames.udp(REMOTE, PORT, bytes(2_000)), SIZE, 1).getFirst());
        endpoint.close();
        assertOnlyDrop(DropReason.PORT_DOWN, 1);
    }

    /**
     * As many datagrams as a sender may have, mixed, of which some lose a fragment: the others are delivered, as they
     * were.
     */
    @SeededTest
    void deliversWhatIsCompleteUnderRandomLossAndOrder() throws LinuxException {
        Seed seed = Seed.ofThisRun();
        Random random = new Random(seed.value());
        boolean ipv6 = random.nextBoolean();
        SocketEndpoint endpoint = endpoint(port(ipv6));
        for (int round = 0; round < 50; round++) {
            List<byte[]> mixed = new ArrayList<>();
            List<byte[]> complete = new ArrayList<>();
            for (int i = 0; i < Reassembly.PER_SENDER; i++) {
                byte[] payload = new byte[100 + random.nextInt(4_000)];
                random.nextBytes(payload);
                int id = round * Reassembly.PER_SENDER + i;
                List<byte[]> fragments = new ArrayList<>(
                        Fragments.cut(Frames.udp(remote(ipv6), port(ipv6), payload), 8 * (1 + random.nextInt(30)), id));
                if (random.nextInt(3) == 0) {
                    fragments.remove(random.nextInt(fragments.size()));
                } else {
                    complete.add(payload);
                }
                mixed.addAll(fragments);
            }
            Collections.shuffle(mixed, random);
            for (byte[] fragment : mixed) {
                accept(endpoint, fragment);
            }
            for (byte[] datagram = application.receive(); datagram != null; datagram = application.receive()) {
                byte[] received = datagram;
                assertTrue(complete.removeIf(payload -> Arrays.equals(payload, received)), seed::toString);
            }
            assertEquals(List.of(), complete, seed::toString);
            acceptAt(endpoint, 1_000L * (round + 1));
            assertEquals(0, endpoint.incomplete(), seed::toString);
        }
        assertEquals(drops.total(), drops.count(DropReason.FRAG_REASM_TIMEOUT), seed::toString);
    }
}
