package dev.peregrine.gateway.live.traffic;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A UDP application to be run in a namespace: {@code echo ADDRESS PORT} answers every datagram with its own bytes,
 * {@code ask ADDRESS PORT COUNT BYTES SEED} sends COUNT datagrams, one after the other, and prints how many were
 * answered right.
 */
public final class DatagramPeer {
    private static final int ANSWER_MILLIS = 1_000;

    private DatagramPeer() {}

    public static void main(String[] args) throws Exception {
        var address = new InetSocketAddress(InetAddress.ofLiteral(args[1]), Integer.parseInt(args[2]));
        if (args[0].equals("echo")) echo(address);
        else ask(address, Integer.parseInt(args[3]), Integer.parseInt(args[4]), Long.parseLong(args[5]));
    }

    private static void echo(InetSocketAddress at) throws Exception {
        try (DatagramSocket socket = new DatagramSocket(at)) {
            System.out.println("listening");
            var datagram = new DatagramPacket(new byte[65_535], 65_535);
            while (true) {
                datagram.setLength(65_535);
                socket.receive(datagram);
                socket.send(datagram);
            }
        }
    }

    private static void ask(InetSocketAddress to, int count, int bytes, long seed) throws Exception {
        int answered = 0;
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(to);
            socket.setSoTimeout(ANSWER_MILLIS);
            var random = new SplittableRandom(seed);
            byte[] question = new byte[bytes];
            var answer = new DatagramPacket(new byte[65_535], 65_535);
            for (int i = 0; i < count; i++) {
                random.nextBytes(question);
                socket.send(new DatagramPacket(question, bytes));
                try {
                    answer.setLength(65_535);
                    socket.receive(answer);
                    if (Arrays.equals(question, Arrays.copyOf(answer.getData(), answer.getLength()))) answered++;
                } catch (SocketTimeoutException e) {
                    System.out.println("no answer to " + i);
                }
            }
        }
        System.out.println("answered " + answered + " of " + count);
    }
}
