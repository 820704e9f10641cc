package dev.peregrine.gateway.live.port;

import dev.peregrine.testkit.live.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** Two UDP sockets, one in each container of a lab, between which numbered datagrams go one at a time. */
final class UdpPair implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 3_000;
    static final int PORT = 6_000;

    private final DatagramSocket a;
    private final DatagramSocket b;
    private final InetSocketAddress toA;
    private final InetSocketAddress toB;
    private int number;

    private UdpPair(DatagramSocket a, DatagramSocket b) throws IOException {
        this.a = a;
        this.b = b;
        toA = new InetSocketAddress(InetAddress.getByName(Lab.INNER_A), PORT);
        toB = new InetSocketAddress(InetAddress.getByName(Lab.INNER_B), PORT);
    }

    static UdpPair open(Lab lab) throws Exception {
        DatagramSocket a = lab.cA().inside(() -> new DatagramSocket(PORT));
        DatagramSocket b = lab.cB().inside(() -> new DatagramSocket(PORT));
        a.setSoTimeout(PATIENCE_MILLIS);
        b.setSoTimeout(PATIENCE_MILLIS);
        return new UdpPair(a, b);
    }

    /** Sends to and fro; returns how many came back. */
    int exchange(int rounds) {
        int back = 0;
        for (int i = 0; i < rounds; i++) {
            if (passes(a, toB, b) && passes(b, toA, a)) {
                back++;
            }
        }
        return back;
    }

    /** Sends one datagram to container B; returns whether it came. */
    boolean passes() {
        return passes(a, toB, b);
    }

    /** Sends one datagram to container B, and does not wait for it. */
    void send() {
        send(a, toB);
    }

    private boolean passes(DatagramSocket from, InetSocketAddress to, DatagramSocket at) {
        int sent = send(from, to);
        DatagramPacket received = new DatagramPacket(new byte[100], 100);
        try {
            do {
                at.receive(received);
            } while (ByteBuffer.wrap(received.getData()).getInt() != sent);
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int send(DatagramSocket from, InetSocketAddress to) {
        byte[] payload = ByteBuffer.allocate(18).putInt(++number).array();
        try {
            from.send(new DatagramPacket(payload, payload.length, to));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return number;
    }

    @Override
    public void close() {
        a.close();
        b.close();
    }
}
