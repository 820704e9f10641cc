import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/**
 * Traffic for the demo's loopback form: two applications, each behind the {@code socket} port of its own gateway.
 *
 * <pre>
 *   application A ── gateway A ══ VXLAN over loopback UDP ══ gateway B ── application B
 * </pre>
 *
 * A socket port answers who spoke to it, so somebody has to begin: the first datagram to A is made here by hand,
 * as gateway B would have sent it. After that every datagram between the applications passes both gateways.
 * Prints one line for each thing measured, {@code NAME<tab>VALUE}; exits 1 if the applications cannot talk.
 */
final class LoopbackTraffic {
    private static final int PAYLOAD_BYTES = 1400;
    private static final int WINDOW = 32;
    private static final int ROUND_TRIPS = 2000;
    private static final int TIMEOUT_MILLIS = 1000;

    private final Application a;
    private final Application b;

    private LoopbackTraffic(Application a, Application b) {
        this.a = a;
        this.b = b;
    }

    /** Arguments: the applications' ports A and B, the gateways' underlay addresses A and B and port, VNI, seconds. */
    public static void main(String[] arguments) throws IOException {
        InetSocketAddress gatewayA = new InetSocketAddress(arguments[2], Integer.parseInt(arguments[4]));
        InetAddress gatewayB = InetAddress.getByName(arguments[3]);
        int vni = Integer.parseInt(arguments[5]);
        int seconds = Integer.parseInt(arguments[6]);
        try (Application a = new Application("A", Integer.parseInt(arguments[0]));
                Application b = new Application("B", Integer.parseInt(arguments[1]))) {
            LoopbackTraffic traffic = new LoopbackTraffic(a, b);
            traffic.introduce(gatewayA, gatewayB, vni);
            traffic.stream(a, b, 2); // warms up the gateways
            traffic.stream(b, a, 2);
            print("UDP round trip", traffic.roundTrip());
            print("UDP A->B", traffic.stream(a, b, seconds));
            print("UDP B->A", traffic.stream(b, a, seconds));
        } catch (SocketTimeoutException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static void print(String name, String value) {
        System.out.println(name + "\t" + value);
    }

    /** Each application learns where its gateway is from the first datagram that comes from there. */
    private void introduce(InetSocketAddress gatewayA, InetAddress gatewayB, int vni) throws IOException {
        byte[] frame = firstDatagram(vni);
        try (DatagramSocket asGatewayB = new DatagramSocket(0, gatewayB)) {
            asGatewayB.send(new DatagramPacket(frame, frame.length, gatewayA));
        }
        a.receive();
        a.send(0);
        b.receive();
    }

    /** VXLAN, Ethernet, IPv4, UDP (checksum zero: none) and eight bytes, from B's inner address to A's. */
    private static byte[] firstDatagram(int vni) {
        ByteBuffer datagram = ByteBuffer.allocate(8 + 14 + 20 + 8 + 8);
        datagram.putInt(0x08000000).putInt(vni << 8);
        datagram.putShort((short) 0x0200).putInt(1); // to 02:00:00:00:00:01
        datagram.putShort((short) 0x0200).putInt(2).putShort((short) 0x0800);
        int ip = datagram.position();
        datagram.putShort((short) 0x4500).putShort((short) 36).putShort((short) 1).putShort((short) 0x4000);
        datagram.put((byte) 64).put((byte) 17).putShort((short) 0);
        datagram.putInt(0xC6130002).putInt(0xC6130001); // 198.19.0.2 to 198.19.0.1
        datagram.putShort(ip + 10, headerChecksum(datagram, ip));
        datagram.putShort((short) 9000).putShort((short) 9000).putShort((short) 16).putShort((short) 0);
        return datagram.array();
    }

    private static short headerChecksum(ByteBuffer buffer, int header) {
        int sum = 0;
        for (int i = 0; i < 20; i += 2) sum += Short.toUnsignedInt(buffer.getShort(header + i));
        sum = (sum & 0xFFFF) + (sum >>> 16);
        sum = (sum & 0xFFFF) + (sum >>> 16);
        return (short) ~sum;
    }

    private String roundTrip() throws IOException {
        long start = System.nanoTime();
        for (int i = 0; i < ROUND_TRIPS; i++) {
            a.send(i);
            b.expect(i);
            b.send(i);
            a.expect(i);
        }
        return "%.3f ms".formatted((System.nanoTime() - start) / 1e6 / ROUND_TRIPS);
    }

    /** Bursts of {@link #WINDOW} datagrams, each checked byte for byte where it arrives. */
    private String stream(Application from, Application to, int seconds) throws IOException {
        long start = System.nanoTime();
        long sent = 0;
        long lost = 0;
        while (System.nanoTime() - start < seconds * 1_000_000_000L) {
            for (int i = 0; i < WINDOW; i++) from.send(sent + i);
            for (long expected = sent; expected < sent + WINDOW; ) {
                try {
                    long got = to.receive();
                    if (got < expected) continue; // given up on before
                    lost += got - expected; // nothing overtakes: what is skipped is lost
                    expected = got + 1;
                } catch (SocketTimeoutException e) {
                    lost += sent + WINDOW - expected;
                    break;
                }
            }
            sent += WINDOW;
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        return "%.0f/s, %.2f%% lost".formatted((sent - lost) / elapsed, 100.0 * lost / sent);
    }

    /** A plain UDP socket behind a gateway's socket port. */
    private static final class Application implements AutoCloseable {
        private final String name;
        private final DatagramSocket socket;
        private final DatagramPacket incoming = new DatagramPacket(new byte[2048], 2048);
        private final byte[] payload = new byte[PAYLOAD_BYTES];
        private SocketAddress gateway;

        Application(String name, int port) throws IOException {
            this.name = name;
            socket = new DatagramSocket(port, InetAddress.getLoopbackAddress());
            socket.setSoTimeout(TIMEOUT_MILLIS);
        }

        void send(long sequence) throws IOException {
            ByteBuffer.wrap(payload).putLong(sequence);
            for (int i = 8; i < payload.length; i++) payload[i] = (byte) (sequence + i);
            socket.send(new DatagramPacket(payload, payload.length, gateway));
        }

        /** The sequence number of the next datagram. */
        long receive() throws IOException {
            try {
                socket.receive(incoming);
            } catch (SocketTimeoutException e) {
                throw new SocketTimeoutException(
                        "nothing arrived at application " + name + " within " + TIMEOUT_MILLIS + " ms");
            }
            gateway = incoming.getSocketAddress();
            byte[] data = incoming.getData();
            long sequence = ByteBuffer.wrap(data).getLong();
            for (int i = 8; i < incoming.getLength(); i++) {
                if (data[i] != (byte) (sequence + i)) throw new IOException(name + " got byte " + i + " changed");
            }
            return sequence;
        }

        void expect(long sequence) throws IOException {
            long got = receive();
            if (got != sequence) throw new IOException(name + " got datagram " + got + " instead of " + sequence);
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
