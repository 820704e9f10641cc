package dev.peregrine.gateway.live.traffic;

import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;

/**
 * Sends datagrams as fast as the kernel takes them, to be run in a namespace: {@code ADDRESS PORT BYTES SECONDS}. Says
 * {@code sending} when it begins, and ends by itself.
 */
public final class FloodPeer {
    private static final int MESSAGES = 64;

    private FloodPeer() {}

    public static void main(String[] args) throws IOException {
        UdpAddress to = UdpAddress.of(InetAddress.ofLiteral(args[0]), Integer.parseInt(args[1]));
        int bytes = Integer.parseInt(args[2]);
        long end = System.nanoTime() + Long.parseLong(args[3]) * 1_000_000_000;
        try (UdpSocket socket = UdpSocket.open(to.family());
                SendVector messages = new SendVector(MESSAGES, 1);
                Arena arena = Arena.ofConfined()) {
            MemorySegment payload = arena.allocate(bytes);
            System.out.println("sending");
            while (System.nanoTime() < end) {
                for (int i = 0; i < MESSAGES; i++) {
                    messages.begin(i, to);
                    messages.append(i, payload.address(), bytes);
                }
                int sent = messages.send(socket, 0, MESSAGES);
                if (sent < 0 && !isPassing(-sent)) throw new IOException("sendmmsg: " + Errno.name(-sent));
            }
        }
    }

    private static boolean isPassing(int errno) {
        return errno == Errno.EAGAIN || errno == Errno.ENOBUFS || errno == Errno.ECONNREFUSED;
    }
}
