package dev.peregrine.gateway.live.traffic;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A flow that shows that it lives: {@code ask tcp|udp ADDRESS PORT} prints a line for each tick that it gets from
 * {@code serve tcp|udp ADDRESS PORT}, 200 a second, until it is ended. Over TCP the server sends by itself, as a
 * download does; over UDP it answers.
 */
public final class Ticker {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int CONNECT_MILLIS = 10_000;

    private Ticker() {}

    public static void main(String[] args) throws Exception {
        var address = new InetSocketAddress(InetAddress.ofLiteral(args[2]), Integer.parseInt(args[3]));
        boolean tcp = args[1].equals("tcp");
        if (args[0].equals("serve")) {
            if (tcp) sendTicks(address);
            else answerTicks(address);
        } else {
            if (tcp) readTicks(address);
            else askForTicks(address);
        }
    }

    private static void sendTicks(InetSocketAddress at) throws IOException {
        try (ServerSocket server = new ServerSocket(at.getPort(), 1, at.getAddress())) {
            System.out.println("listening");
            try (Socket socket = server.accept()) {
                socket.setTcpNoDelay(true);
                OutputStream out = socket.getOutputStream();
                while (true) {
                    out.write('.');
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }

    private static void readTicks(InetSocketAddress from) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(from, CONNECT_MILLIS);
            InputStream in = socket.getInputStream();
            while (in.read() >= 0) System.out.println("tick");
        }
    }

    private static void answerTicks(InetSocketAddress at) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(at)) {
            System.out.println("listening");
            var datagram = new DatagramPacket(new byte[1], 1);
            while (true) {
                socket.receive(datagram);
                socket.send(datagram);
            }
        }
    }

    private static void askForTicks(InetSocketAddress from) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            Thread.ofPlatform().daemon().start(() -> printTicks(socket));
            while (true) {
                socket.send(new DatagramPacket(new byte[1], 1, from));
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private static void printTicks(DatagramSocket socket) {
        var datagram = new DatagramPacket(new byte[1], 1);
        try {
            while (true) {
                socket.receive(datagram);
                System.out.println("tick");
            }
        } catch (IOException e) {
            System.out.println(e);
        }
    }
}
