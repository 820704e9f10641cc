package dev.peregrine.load;

import dev.peregrine.dataplane.linux.socket.ReceiveVector;
import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.packet.Counter;

/**
 * Sends received datagrams back to their senders; those that came together leave together ({@code UDP_SEGMENT}). One
 * thread sends, others may read the counts meanwhile. Allocates nothing after construction.
 */
public final class Echo implements AutoCloseable {
    private final SendVector vector;
    private final Counter sent = new Counter();
    private final Counter refused = new Counter();

    /** @param messages the most that are sent back at a time */
    Echo(int messages) {
        vector = new SendVector(messages, 1);
    }

    /**
     * Sends the first {@code count} messages back. Those that the kernel does not take at once are counted as refused:
     * to wait would fill the queue of what is received.
     *
     * @param address of the first message's buffer
     * @param stride from one buffer to the next
     */
    void send(UdpSocket socket, ReceiveVector received, int count, long address, long stride) {
        for (int i = 0; i < count; i++) {
            int size = received.segmentSize(i);
            vector.beginAnswer(i, received, i);
            vector.append(i, address + i * stride, received.length(i));
            if (size > 0 && size < received.length(i)) {
                vector.control(i, -1, -1, size);
            }
        }
        int next = 0;
        while (next < count) {
            int taken = vector.send(socket, next, count - next);
            for (int end = next + taken; next < end; next++) {
                sent.add(datagrams(received, next));
            }
            if (taken <= 0) {
                refused.add(datagrams(received, next));
                next++;
            }
        }
    }

    private static int datagrams(ReceiveVector received, int message) {
        int size = received.segmentSize(message);
        return size <= 0 ? 1 : Math.ceilDiv(received.length(message), size);
    }

    /** Datagrams that went back. */
    public long sent() {
        return sent.value();
    }

    /** Datagrams that the kernel did not take. */
    public long refused() {
        return refused.value();
    }

    @Override
    public void close() {
        vector.close();
    }
}
