package dev.peregrine.testkit;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Reference;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** ARP and neighbour discovery, as hosts of an address family speak it. */
public enum Resolution {
    /** IPv4 (RFC 826). */
    ARP("192.0.2.") {
        @Override
        public byte[] request(long asking, String sender, String target) {
            return FrameBuilder.arp(1, asking, sender, 0, target);
        }

        @Override
        public byte[] unicastRequest(long asking, String sender, long asked, String target) {
            byte[] frame = request(asking, sender, target);
            return FrameBuilder.ethernet(asked, asking, 0x0806, Arrays.copyOfRange(frame, 14, frame.length));
        }

        @Override
        public byte[] reply(long asking, String sender, long answering, String target) {
            return FrameBuilder.arp(2, answering, target, asking, sender);
        }

        @Override
        public byte[] announcement(long mac, String address) {
            return FrameBuilder.arp(1, mac, address, 0, address);
        }

        @Override
        public String unspecified() {
            return "0.0.0.0";
        }

        @Override
        public boolean isRequest(byte[] frame) {
            return Reference.getShort(frame, 12) == 0x0806 && frame[21] == 1;
        }
    },
    /** IPv6 (RFC 4861). */
    NEIGHBOUR_DISCOVERY("2001:db8::") {
        @Override
        public byte[] request(long asking, String sender, String target) {
            long group = 0x3333_ff00_0000L | (Reference.getInt(address(target), 12) & 0xff_ffff);
            byte[] destination = address("ff02::1:ff00:0");
            System.arraycopy(address(target), 13, destination, 13, 3);
            return message(group, asking, address(sender), destination, SOLICITATION, 0, target, 1, asking);
        }

        @Override
        public byte[] unicastRequest(long asking, String sender, long asked, String target) {
            return message(asked, asking, address(sender), address(target), SOLICITATION, 0, target, 1, asking);
        }

        @Override
        public byte[] reply(long asking, String sender, long answering, String target) {
            int flags = SOLICITED | OVERRIDE;
            return message(
                    asking, answering, address(target), address(sender), ADVERTISEMENT, flags, target, 2, answering);
        }

        @Override
        public byte[] announcement(long mac, String address) {
            byte[] all = address("ff02::1");
            return message(0x3333_0000_0001L, mac, address(address), all, ADVERTISEMENT, OVERRIDE, address, 2, mac);
        }

        @Override
        public String unspecified() {
            return "::";
        }

        @Override
        public boolean isRequest(byte[] frame) {
            return Reference.getShort(frame, 12) == 0x86dd && (frame[54] & 0xff) == SOLICITATION;
        }
    };

    private static final int SOLICITATION = 135;
    private static final int ADVERTISEMENT = 136;
    private static final int SOLICITED = 0x4000_0000;
    private static final int OVERRIDE = 0x2000_0000;
    private static final int ICMPV6 = 58;
    private static final int HEADER_LENGTH = 40;
    private static final int MESSAGE_LENGTH = 24;
    private static final int OPTION_LENGTH = 8;

    private final String network;

    Resolution(String network) {
        this.network = network;
    }

    /** The address of a host in this family. */
    public String host(int number) {
        return network + number;
    }

    /** A host asks all for an address. */
    public abstract byte[] request(long asking, String sender, String target);

    /** A host asks another whether it is still there. */
    public abstract byte[] unicastRequest(long asking, String sender, long asked, String target);

    /** A host answers that it has an address. */
    public abstract byte[] reply(long asking, String sender, long answering, String target);

    /** An announcement: a host tells all hosts that it has an address. */
    public abstract byte[] announcement(long mac, String address);

    /** The sender address of a host that does not have one yet. */
    public abstract String unspecified();

    /** Whether a frame is a request, to any destination. */
    public abstract boolean isRequest(byte[] frame);

    private static byte[] address(String text) {
        return InetAddress.ofLiteral(text).getAddress();
    }

    /**
     * A host answers a unicast solicitation by an advertisement that does not name its MAC (RFC 4861 section 7.2.4).
     */
    public static byte[] shortAdvertisement(long asking, String sender, long answering, String target) {
        byte[] message = ByteBuffer.allocate(MESSAGE_LENGTH)
                .putInt(ADVERTISEMENT << 24)
                .putInt(SOLICITED | OVERRIDE)
                .put(address(target))
                .array();
        return frame(asking, answering, address(target), address(sender), message);
    }

    private static byte[] message(
            long to,
            long from,
            byte[] source,
            byte[] destination,
            int type,
            int flags,
            String target,
            int option,
            long mac) {
        byte[] message = ByteBuffer.allocate(MESSAGE_LENGTH + OPTION_LENGTH)
                .putInt(type << 24)
                .putInt(flags)
                .put(address(target))
                .put((byte) option)
                .put((byte) 1)
                .putShort((short) (mac >>> 32))
                .putInt((int) mac)
                .array();
        return frame(to, from, source, destination, message);
    }

    /** An ICMPv6 message whose checksum is not there yet, with the headers before it. */
    private static byte[] frame(long to, long from, byte[] source, byte[] destination, byte[] message) {
        byte[] bytes = ByteBuffer.allocate(HEADER_LENGTH + message.length)
                .putInt(0x6000_0000)
                .putShort((short) message.length)
                .put((byte) ICMPV6)
                .put((byte) 255)
                .put(source)
                .put(destination)
                .put(message)
                .array();
        int pseudo = Reference.pseudoHeader(bytes, 8, HEADER_LENGTH, ICMPV6, message.length);
        Reference.setShort(bytes, HEADER_LENGTH + 2, ~Reference.sum(bytes, HEADER_LENGTH, bytes.length, pseudo));
        return FrameBuilder.ethernet(to, from, 0x86dd, bytes);
    }
}
