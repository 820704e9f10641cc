package dev.peregrine.dataplane.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Checksums and segmentation over byte arrays, written to be obviously right and to share no code with the product. */
public final class Reference {
    private static final int TCP = 6;

    private Reference() {}

    /** The 16-bit value at {@code index}. */
    public static int getShort(byte[] bytes, int index) {
        return ((bytes[index] & 0xff) << 8) | (bytes[index + 1] & 0xff);
    }

    /** Sets the 16-bit value at {@code index}. */
    public static void setShort(byte[] bytes, int index, int value) {
        bytes[index] = (byte) (value >>> 8);
        bytes[index + 1] = (byte) value;
    }

    /** The 32-bit value at {@code index}. */
    public static int getInt(byte[] bytes, int index) {
        return (getShort(bytes, index) << 16) | getShort(bytes, index + 2);
    }

    /** Sets the 32-bit value at {@code index}. */
    public static void setInt(byte[] bytes, int index, int value) {
        setShort(bytes, index, value >>> 16);
        setShort(bytes, index + 2, value);
    }

    /** The ones' complement sum of a range and a first summand, by one word at a time (RFC 1071). */
    public static int sum(byte[] bytes, int from, int to, int first) {
        int sum = first;
        for (int i = from; i < to; i += 2) {
            sum += ((bytes[i] & 0xff) << 8) | (i + 1 < to ? bytes[i + 1] & 0xff : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    /** The sum of a pseudo-header whose addresses are {@code bytes[from..to)}. */
    public static int pseudoHeader(byte[] bytes, int from, int to, int protocol, int transportLength) {
        byte[] rest = new byte[8];
        setInt(rest, 0, transportLength);
        rest[7] = (byte) protocol;
        return sum(rest, 0, 8, sum(bytes, from, to, 0));
    }

    /** Cuts a TCP or UDP frame over plain IPv4 or IPv6 into segments of a payload size, as Linux GSO does. */
    public static List<byte[]> segment(byte[] frame, int prefixLength, int segmentSize) {
        int ip = prefixLength + 14;
        boolean ipv4 = frame[ip] >>> 4 == 4;
        int transport = ip + (ipv4 ? (frame[ip] & 0xf) * 4 : 40);
        int protocol = frame[ip + (ipv4 ? 9 : 6)];
        int header = transport + (protocol == TCP ? ((frame[transport + 12] >>> 4) & 0xf) * 4 : 8);
        List<byte[]> segments = new ArrayList<>();
        for (int at = header; at < frame.length; at += segmentSize) {
            int end = Math.min(at + segmentSize, frame.length);
            byte[] segment = Arrays.copyOf(frame, header + end - at);
            System.arraycopy(frame, at, segment, header, end - at);
            if (ipv4) {
                setShort(segment, ip + 4, getShort(frame, ip + 4) + segments.size());
            }
            if (protocol == TCP) {
                setInt(segment, transport + 4, getInt(frame, transport + 4) + at - header);
                int cleared = (at > header ? 0x80 : 0) | (end < frame.length ? 0x09 : 0);
                segment[transport + 13] &= (byte) ~cleared;
            }
            segments.add(complete(segment, ip, transport));
        }
        return segments;
    }

    /** Sets lengths and checksums of a frame that ends with its IP packet. */
    static byte[] complete(byte[] frame, int ip, int transport) {
        boolean ipv4 = frame[ip] >>> 4 == 4;
        int length = frame.length - transport;
        int protocol = frame[ip + (ipv4 ? 9 : 6)];
        if (ipv4) {
            setShort(frame, ip + 2, frame.length - ip);
            setShort(frame, ip + 10, 0);
            setShort(frame, ip + 10, ~sum(frame, ip, transport, 0));
        } else {
            setShort(frame, ip + 4, frame.length - ip - 40);
        }
        int field = transport + (protocol == TCP ? 16 : 6);
        if (protocol != TCP) {
            setShort(frame, transport + 4, length);
        }
        setShort(frame, field, 0);
        int pseudo = pseudoHeader(frame, ip + (ipv4 ? 12 : 8), ip + (ipv4 ? 20 : 40), protocol, length);
        int checksum = ~sum(frame, transport, frame.length, pseudo) & 0xffff;
        setShort(frame, field, checksum == 0 && protocol != TCP ? 0xffff : checksum);
        return frame;
    }
}
