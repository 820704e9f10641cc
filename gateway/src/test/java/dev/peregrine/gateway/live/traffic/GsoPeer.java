package dev.peregrine.gateway.live.traffic;

import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A UDP application that leaves cutting to its kernel, to be run in a namespace: {@code send ADDRESS PORT BYTES SIZE
 * SEED} sends random bytes by one {@code UDP_SEGMENT} call, {@code receive ADDRESS PORT COUNT} prints length and hash
 * of each datagram.
 */
public final class GsoPeer {
    private static final int RECEIVE_MILLIS = 20_000;

    private GsoPeer() {}

    public static void main(String[] args) throws IOException {
        InetAddress address = InetAddress.ofLiteral(args[1]);
        int port = Integer.parseInt(args[2]);
        if (args[0].equals("receive")) {
            receive(new InetSocketAddress(address, port), Integer.parseInt(args[3]));
        } else {
            byte[] bytes = bytes(Integer.parseInt(args[3]), Long.parseLong(args[5]));
            send(UdpAddress.of(address, port), bytes, Integer.parseInt(args[4]));
        }
    }

    public static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    /** A line about a datagram. */
    public static String line(byte[] datagram) {
        return datagram.length + " " + Arrays.hashCode(datagram);
    }

    private static void send(UdpAddress to, byte[] bytes, int size) throws IOException {
        try (UdpSocket socket = UdpSocket.open(to.family());
                SendVector message = new SendVector(1, 1);
                Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            message.begin(0, to);
            message.append(0, memory.address(), bytes.length);
            message.control(0, -1, -1, size);
            int sent = message.send(socket, 0, 1);
            if (sent != 1) throw new IOException("sendmmsg: " + Errno.name(sent));
        }
    }

    private static void receive(InetSocketAddress at, int count) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(at)) {
            socket.setSoTimeout(RECEIVE_MILLIS);
            System.out.println("listening");
            DatagramPacket datagram = new DatagramPacket(new byte[65_535], 65_535);
            for (int i = 0; i < count; i++) {
                datagram.setLength(65_535);
                socket.receive(datagram);
                System.out.println(line(Arrays.copyOf(datagram.getData(), datagram.getLength())));
            }
        }
    }
}
