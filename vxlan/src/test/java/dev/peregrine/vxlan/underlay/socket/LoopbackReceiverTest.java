package dev.peregrine.vxlan.underlay.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.RefusedCall;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LoopbackReceiverTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final byte[] PAYLOAD = {1, 2, 3};

    private final LoopbackReceiver receiver;

    LoopbackReceiverTest() throws Exception {
        receiver = LoopbackReceiver.open(LOOPBACK, false);
    }

    @AfterEach
    void close() {
        receiver.close();
    }

    private void send() throws Exception {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.send(new DatagramPacket(
                    PAYLOAD, PAYLOAD.length, LOOPBACK, receiver.address().port()));
        }
    }

    @Test
    void returnsWhatHasComeWhenNoMoreComes() throws Exception {
        send();
        List<byte[]> received = receiver.receive(2);
        assertEquals(1, received.size());
        assertArrayEquals(PAYLOAD, received.getFirst());
    }

    /** The datagram stays in the socket, which stays readable. */
    @Test
    void endsWhenADatagramIsThereAndCannotBeReceived() throws Exception {
        receiver.receive(0); // what it links is linked
        send();
        LinuxException refused = assertThrows(
                LinuxException.class,
                () -> RefusedCall.run(RefusedCall.RECVMMSG, RefusedCall.ANY, () -> receiver.receive(1)));
        assertTrue(String.valueOf(refused.getMessage()).contains("recvmmsg"), refused::getMessage);
        assertEquals(1, receiver.receive(1).size(), "it is there");
    }
}
