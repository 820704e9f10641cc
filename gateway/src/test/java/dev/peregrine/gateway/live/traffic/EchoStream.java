package dev.peregrine.gateway.live.traffic;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Numbered datagrams that are echoed: {@code serve ADDRESS PORT}, and {@code ask ADDRESS PORT PER_SECOND SECONDS},
 * which prints how many were sent and answered, and the times that answers took in microseconds. A program of its own,
 * to be run in a namespace.
 */
public final class EchoStream {
    private static final int BYTES = 64;
    private static final long PATIENCE_MILLIS = 1000;

    private EchoStream() {}

    /**
     * The fate of the datagrams.
     *
     * @param sent of which {@code answered} came back once or more
     */
    public record Account(int sent, int answered, int medianMicros, int p99Micros, int maxMicros) {
        /** Reads what {@code ask} has printed. */
        public static Account of(String line) {
            int[] numbers =
                    Arrays.stream(line.split(" ")).mapToInt(Integer::parseInt).toArray();
            return new Account(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
        }
    }

    public static void main(String[] args) throws Exception {
        var address = new InetSocketAddress(InetAddress.ofLiteral(args[1]), Integer.parseInt(args[2]));
        if (args[0].equals("serve")) serve(address);
        else ask(address, Integer.parseInt(args[3]), Integer.parseInt(args[4]));
    }

    private static void serve(InetSocketAddress at) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(at)) {
            System.out.println("listening");
            var datagram = new DatagramPacket(new byte[BYTES], BYTES);
            while (true) {
                socket.receive(datagram);
                socket.send(datagram);
            }
        }
    }

    private static void ask(InetSocketAddress to, int perSecond, int seconds) throws Exception {
        int count = perSecond * seconds;
        long[] sent = new long[count];
        int[] micros = new int[count];
        Arrays.fill(micros, -1);
        try (DatagramSocket socket = new DatagramSocket()) {
            Thread reader = Thread.ofPlatform().daemon().start(() -> read(socket, sent, micros));
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                long due = start + i * TimeUnit.SECONDS.toNanos(1) / perSecond;
                for (long now = System.nanoTime(); now < due; now = System.nanoTime()) LockSupport.parkNanos(due - now);
                sent[i] = System.nanoTime();
                byte[] bytes = ByteBuffer.allocate(BYTES).putInt(i).array();
                socket.send(new DatagramPacket(bytes, BYTES, to));
            }
            reader.join(PATIENCE_MILLIS);
        }
        int[] answered =
                Arrays.stream(micros).filter(time -> time >= 0).sorted().toArray();
        int last = answered.length - 1;
        System.out.println(count + " " + answered.length + " " + answered[last / 2] + " "
                + answered[(int) (last * 0.99)] + " " + answered[last]);
    }

    private static void read(DatagramSocket socket, long[] sent, int[] micros) {
        var datagram = new DatagramPacket(new byte[BYTES], BYTES);
        try {
            while (true) {
                socket.receive(datagram);
                int number = ByteBuffer.wrap(datagram.getData()).getInt();
                micros[number] = (int) ((System.nanoTime() - sent[number]) / 1000);
            }
        } catch (IOException e) {
            return; // the asker has closed the socket
        }
    }
}
