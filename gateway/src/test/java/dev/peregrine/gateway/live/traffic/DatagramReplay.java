package dev.peregrine.gateway.live.traffic;

import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends the datagrams of a file in their order, neighbours of equal length by one {@code UDP_SEGMENT} call as a gateway
 * does, so that a receiver's kernel finds something to merge. A program of its own, to be run in a namespace: {@code
 * FILE FROM TO}, both addresses at VXLAN's port.
 */
public final class DatagramReplay {
    private static final int PORT = 4789;
    private static final int MOST_TOGETHER = 32;
    private static final int MOST_TRIES = 10_000;
    private static final long PAUSE_NANOS = 300_000;

    private DatagramReplay() {}

    public static void write(Path file, List<byte[]> datagrams) throws IOException {
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            out.writeInt(datagrams.size());
            for (byte[] datagram : datagrams) {
                out.writeInt(datagram.length);
                out.write(datagram);
            }
        }
    }

    private static List<byte[]> read(Path file) throws IOException {
        List<byte[]> datagrams = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            for (int left = in.readInt(); left > 0; left--) datagrams.add(in.readNBytes(in.readInt()));
        }
        return datagrams;
    }

    public static void main(String[] args) throws IOException {
        List<byte[]> datagrams = read(Path.of(args[0]));
        UdpAddress to = UdpAddress.of(InetAddress.ofLiteral(args[2]), PORT);
        try (UdpSocket socket = UdpSocket.open(to.family());
                SendVector message = new SendVector(1, MOST_TOGETHER)) {
            socket.bind(InetAddress.ofLiteral(args[1]), PORT);
            socket.dropAll();
            for (int at = 0; at < datagrams.size(); ) {
                int end = end(datagrams, at);
                send(socket, message, to, datagrams.subList(at, end));
                at = end;
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Where the run of datagrams ends that one call may carry. */
    private static int end(List<byte[]> datagrams, int from) {
        int size = datagrams.get(from).length;
        int limit = Math.min(datagrams.size(), from + Math.min(MOST_TOGETHER, 60_000 / size));
        int end = from + 1;
        while (end < limit && datagrams.get(end).length == size) end++;
        return end < limit && datagrams.get(end).length < size ? end + 1 : end;
    }

    private static void send(UdpSocket socket, SendVector message, UdpAddress to, List<byte[]> datagrams)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            message.begin(0, to);
            for (byte[] datagram : datagrams) {
                MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, datagram);
                message.append(0, memory.address(), datagram.length);
            }
            if (datagrams.size() > 1) message.control(0, -1, -1, datagrams.getFirst().length);
            int sent = message.send(socket, 0, 1);
            for (int tries = 0; sent == -Errno.EAGAIN && tries < MOST_TRIES; tries++) {
                LockSupport.parkNanos(PAUSE_NANOS);
                sent = message.send(socket, 0, 1);
            }
            if (sent != 1) throw new IOException("sendmmsg: " + Errno.name(sent));
        }
    }
}
