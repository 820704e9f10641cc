package dev.peregrine.gateway.live.traffic;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * One end of a TCP connection that carries random bytes; both print the hash of what they saw. A program of its own, to
 * be run in a namespace: {@code send ADDRESS PORT BYTES SEED} or {@code receive ADDRESS PORT [BUFFER]}.
 */
final class StreamPeer {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int READ_MILLIS = 20_000;

    private StreamPeer() {}

    public static void main(String[] args) throws Exception {
        var address = new InetSocketAddress(InetAddress.ofLiteral(args[1]), Integer.parseInt(args[2]));
        if (args[0].equals("send")) send(address, Long.parseLong(args[3]), Long.parseLong(args[4]));
        else receive(address, args.length > 3 ? Integer.parseInt(args[3]) : 0);
    }

    private static void send(InetSocketAddress to, long bytes, long seed) throws Exception {
        try (Socket socket = new Socket()) {
            socket.connect(to, CONNECT_MILLIS);
            socket.setSoTimeout(READ_MILLIS);
            MessageDigest digest = digest();
            var random = new SplittableRandom(seed);
            byte[] block = new byte[1 << 16];
            OutputStream out = new DigestOutputStream(socket.getOutputStream(), digest);
            for (long left = bytes; left > 0; left -= block.length) {
                random.nextBytes(block);
                out.write(block, 0, (int) Math.min(left, block.length));
            }
            socket.shutdownOutput();
            long received = new DataInputStream(socket.getInputStream()).readLong();
            print(received, digest);
        }
    }

    private static void receive(InetSocketAddress at, int buffer) throws Exception {
        try (ServerSocket server = new ServerSocket()) {
            if (buffer > 0) server.setReceiveBufferSize(buffer);
            server.bind(at, 1);
            server.setSoTimeout(READ_MILLIS);
            System.out.println("listening");
            try (Socket socket = server.accept()) {
                socket.setSoTimeout(READ_MILLIS);
                MessageDigest digest = digest();
                long bytes = drain(socket.getInputStream(), digest);
                socket.getOutputStream()
                        .write(ByteBuffer.allocate(8).putLong(bytes).array());
                print(bytes, digest);
            }
        }
    }

    private static long drain(InputStream in, MessageDigest digest) throws IOException {
        byte[] block = new byte[1 << 18];
        long bytes = 0;
        for (int read = in.read(block); read >= 0; read = in.read(block)) {
            digest.update(block, 0, read);
            bytes += read;
        }
        return bytes;
    }

    private static MessageDigest digest() throws NoSuchAlgorithmException {
        return MessageDigest.getInstance("SHA-256");
    }

    private static void print(long bytes, MessageDigest digest) {
        System.out.println(bytes + " bytes " + HexFormat.of().formatHex(digest.digest()));
    }
}
