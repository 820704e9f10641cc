package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpFragment;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sends an IP packet without options, but for its length ready to be sent, as fragments (RFC 791 section 3.2, RFC 8200
 * section 4.5), each in a buffer of its own. A packet with more fragments than a batch has room for is held until the
 * next.
 *
 * <pre>
 *   IPv6 fragment header   0 next header  1 reserved  2 offset in units of 8 bytes: 13, reserved: 2, more: 1
 *                          4 identification
 * </pre>
 */
final class Fragmenter {
    private static final int NETWORK = EthernetHeader.LENGTH;
    private static final int UNIT = 8;

    /** Fewer could be found out from a few numbers, by trying each secret by itself. */
    private static final int ROUNDS = 4;

    private final PacketPool pool;
    private final boolean ipv6;
    private final int headerLength;
    private final int addedLength;
    private final Ipv4Header ipv4Header = new Ipv4Header();
    private final Ipv6Header ipv6Header = new Ipv6Header();
    private final int[] secrets = new int[ROUNDS];
    private int count;

    private @Nullable Packet whole;
    private int identification;
    private int fragmentLength;
    private int done;

    /** @param pool of the worker, of which one packet is held while {@link #isBusy} */
    Fragmenter(PacketPool pool, boolean ipv6) {
        this.pool = pool;
        this.ipv6 = ipv6;
        headerLength = NETWORK + (ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH);
        addedLength = ipv6 ? IpFragment.IPV6_LENGTH : 0;
        SecureRandom random = new SecureRandom();
        Arrays.setAll(secrets, round -> random.nextInt());
        count = random.nextInt();
    }

    /** Whether fragments of a packet are still to be sent. */
    boolean isBusy() {
        return whole != null;
    }

    /** Whether packets can be cut for an MTU at all. */
    boolean suits(int mtu) {
        return fragmentLength(mtu) >= UNIT;
    }

    /**
     * Takes a packet over, to be sent as fragments of at most {@code mtu} bytes each; it must suit, and not be busy.
     */
    void begin(Packet packet, int mtu) {
        whole = packet;
        fragmentLength = fragmentLength(mtu);
        done = 0;
        identification = nextIdentification();
    }

    /** Adds fragments to the batch until it is full, all are sent, or there is no buffer. */
    void poll(Batch batch) {
        while (whole != null && !batch.isFull()) {
            Packet fragment = pool.acquire();
            if (fragment == null) {
                return; // and again with the next poll
            }
            batch.add(next(whole, fragment));
            if (headerLength + done == whole.headLength()) {
                end(whole);
            }
        }
    }

    /** Drops the fragments that are still to be sent; returns their number. */
    int close() {
        if (whole == null) {
            return 0;
        }
        int rest = whole.headLength() - headerLength - done;
        end(whole);
        return (rest + fragmentLength - 1) / fragmentLength;
    }

    private void end(Packet packet) {
        pool.release(packet);
        whole = null;
    }

    private int fragmentLength(int mtu) {
        return (mtu + NETWORK - headerLength - addedLength) & -UNIT;
    }

    /**
     * The same number does not come again before all others. Over IPv6 it is not to be foreseen (RFC 7739), or others
     * could send fragments to go with ours.
     */
    private int nextIdentification() {
        int number = count++;
        if (!ipv6) {
            return number & 0xffff;
        }
        for (int secret : secrets) {
            number = mix(number ^ secret);
        }
        return number;
    }

    /** A permutation of the integers, that of MurmurHash3's end. */
    private static int mix(int value) {
        int mixed = (value ^ value >>> 16) * 0x85eb_ca6b;
        mixed = (mixed ^ mixed >>> 13) * 0xc2b2_ae35;
        return mixed ^ mixed >>> 16;
    }

    /** Makes an empty packet the next fragment. */
    private Packet next(Packet from, Packet fragment) {
        int length = Math.min(fragmentLength, from.headLength() - headerLength - done);
        boolean more = headerLength + done + length < from.headLength();
        int data = headerLength + addedLength;
        fragment.put(data + length);
        copy(from, 0, fragment, 0, headerLength);
        copy(from, headerLength + done, fragment, data, length);
        if (ipv6) {
            int next = ipv6Header.wrap(fragment, NETWORK).nextHeader();
            ipv6Header.nextHeader(IpProtocol.FRAGMENT).payloadLength(IpFragment.IPV6_LENGTH + length);
            fragment.setShort(headerLength, next << 8);
            fragment.setShort(headerLength + IpFragment.IPV6_BITS, done | (more ? IpFragment.IPV6_MORE : 0));
            fragment.setInt(headerLength + IpFragment.IPV6_ID, identification);
        } else {
            ipv4Header
                    .wrap(fragment, NETWORK)
                    .totalLength(Ipv4Header.LENGTH + length)
                    .id(identification)
                    .fragmentBits(done / UNIT | (more ? Ipv4Header.MORE_FRAGMENTS : 0))
                    .fillChecksum();
        }
        done += length;
        Dissector.dissect(fragment, 0);
        return fragment;
    }

    private static void copy(Packet from, int index, Packet to, int at, int length) {
        MemorySegment.copy(from.memory(), from.offset() + index, to.memory(), to.offset() + at, length);
    }
}
