package dev.peregrine.dataplane.device;

import dev.peregrine.dataplane.header.ArpPacket;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.NeighbourDiscovery;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;
import org.jspecify.annotations.Nullable;

/**
 * ARP and neighbour discovery suppression: answers local hosts that ask for hosts behind tunnels, so that requests need
 * not be flooded to all VTEPs (RFC 7432 section 10, as the Linux bridge's {@code neigh_suppress}).
 *
 * <p>It learns from what hosts say of themselves, on local ports as on tunnels, so that an address that moved is noticed.
 * It answers only when the FDB has the MAC behind a tunnel now. Unicast requests, which ask whether a host is still
 * there, pass; so do probes, announcements and duplicate address detection, which are meant for all.
 */
final class NeighbourStage implements Stage {
    private static final int FORWARD = Verdict.forward(0);
    private static final int ANSWER = Verdict.answer(1);
    private static final int NETWORK = EthernetHeader.LENGTH;
    private static final int ICMP = NETWORK + Ipv6Header.LENGTH;
    private static final int ADVERTISEMENT_LENGTH = NeighbourDiscovery.LENGTH + NeighbourDiscovery.OPTION_LENGTH;

    /** How much older than the clock an entry's age must be to be worth a write to a shared cache line. */
    private static final long REFRESH_NANOS = 1_000_000_000L;

    private final NeighbourTable table;
    private final NeighbourQueue queue;
    private final FdbReader fdb;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final ArpPacket arp = new ArpPacket();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private final NeighbourDiscovery message = new NeighbourDiscovery();
    private boolean[] suppressed = new boolean[0];
    private long nowNanos;

    NeighbourStage(NeighbourTable table, NeighbourQueue queue, FdbReader fdb) {
        this.table = table;
        this.queue = queue;
        this.fdb = fdb;
    }

    @Override
    public String name() {
        return "neighbours";
    }

    @Override
    public boolean leavesTrail() {
        return true;
    }

    @Override
    public void process(Batch batch) {
        suppressed = table.suppressed();
        nowNanos = batch.nowNanos();
        fdb.forget();
        for (int i = 0; i < batch.size(); i++) {
            batch.verdict(i, look(batch.packet(i)));
        }
    }

    private int look(Packet packet) {
        int segment = packet.segment();
        if (segment >= suppressed.length || !suppressed[segment] || packet.networkIndex() != NETWORK) {
            return FORWARD;
        }
        return switch (packet.etherType()) {
            case EthernetHeader.ARP -> lookAtArp(packet);
            case EthernetHeader.IPV6 ->
                packet.protocol() == IpProtocol.ICMPV6 && packet.transportIndex() == ICMP
                        ? lookAtIcmp(packet)
                        : FORWARD;
            default -> FORWARD;
        };
    }

    // ---- ARP (RFC 826) ----------------------------------------------------------------------------------------

    private int lookAtArp(Packet packet) {
        arp.wrap(packet, NETWORK);
        long mac = arp.senderMac();
        int sender = arp.senderIp();
        int target = arp.targetIp();
        if (sender == 0 || mac != ethernet.wrap(packet, 0).source()) {
            return FORWARD;
        }
        notice(packet, 0, Neighbour.mapped(sender), mac, false);
        boolean asks = arp.operation() == ArpPacket.REQUEST && target != sender && isForAll(packet);
        Neighbour neighbour = asks ? answerFor(packet.segment(), 0, Neighbour.mapped(target), mac) : null;
        if (neighbour == null) {
            return FORWARD;
        }
        ethernet.destination(mac).source(neighbour.mac);
        arp.operation(ArpPacket.REPLY).target(mac, sender).sender(neighbour.mac, target);
        return answer(packet);
    }

    // ---- neighbour discovery (RFC 4861) -----------------------------------------------------------------------

    private int lookAtIcmp(Packet packet) {
        message.wrap(packet, ICMP);
        return switch (message.type()) {
            case NeighbourDiscovery.SOLICITATION -> isValid(packet) ? lookAtSolicitation(packet) : FORWARD;
            case NeighbourDiscovery.ADVERTISEMENT -> {
                if (isValid(packet)) {
                    lookAtAdvertisement(packet);
                }
                yield FORWARD;
            }
            default -> FORWARD;
        };
    }

    /** Sections 7.1.1 and 7.1.2. */
    private boolean isValid(Packet packet) {
        ipv6.wrap(packet, NETWORK);
        return packet.headLength() >= ICMP + NeighbourDiscovery.LENGTH
                && ipv6.hopLimit() == NeighbourDiscovery.HOP_LIMIT
                && ipv6.payloadLength() >= NeighbourDiscovery.LENGTH
                && ICMP + ipv6.payloadLength() <= packet.headLength()
                && message.code() == 0
                && TransportChecksum.verify(packet);
    }

    /** Only an advertisement says whether the host is a router, which the answer on its behalf must say, too. */
    private void lookAtAdvertisement(Packet packet) {
        long mac = message.option(NeighbourDiscovery.TARGET_ADDRESS, ipv6.payloadLength());
        if (mac == ethernet.wrap(packet, 0).source()) {
            boolean isRouter = (message.flags() & NeighbourDiscovery.ROUTER) != 0;
            notice(packet, message.targetHigh(), message.targetLow(), mac, isRouter);
        }
    }

    private int lookAtSolicitation(Packet packet) {
        long mac = ethernet.wrap(packet, 0).source();
        long high = message.targetHigh();
        long low = message.targetLow();
        boolean detectsDuplicates = (ipv6.sourceHigh() | ipv6.sourceLow()) == 0;
        boolean hasRoom = packet.tailroom() + packet.headLength() >= ICMP + ADVERTISEMENT_LENGTH;
        boolean asks = !detectsDuplicates && hasRoom && isForAll(packet);
        Neighbour neighbour = asks ? answerFor(packet.segment(), high, low, mac) : null;
        if (neighbour == null) {
            return FORWARD;
        }
        packet.trim(ICMP).put(ADVERTISEMENT_LENGTH);
        ethernet.destination(mac).source(neighbour.mac);
        ipv6.payloadLength(ADVERTISEMENT_LENGTH)
                .destination(ipv6.sourceHigh(), ipv6.sourceLow())
                .source(high, low);
        message.type(NeighbourDiscovery.ADVERTISEMENT)
                .flags(NeighbourDiscovery.SOLICITED
                        | NeighbourDiscovery.OVERRIDE
                        | (neighbour.isRouter ? NeighbourDiscovery.ROUTER : 0))
                .option(NeighbourDiscovery.TARGET_ADDRESS, neighbour.mac);
        Dissector.dissect(packet, 0);
        TransportChecksum.complete(packet);
        return answer(packet);
    }

    // ---- both -------------------------------------------------------------------------------------------------

    /** Whether a frame is from a local port and for a group: only such requests would be flooded to tunnels. */
    private static boolean isForAll(Packet packet) {
        return !Ports.isTunnel(packet.inPort()) && EthernetHeader.isGroup(packet.getMac(0));
    }

    /** The owner of an address, if it is known and behind a tunnel; null also when it is the one who asks. */
    private @Nullable Neighbour answerFor(int segment, long high, long low, long asking) {
        Neighbour neighbour = table.find(segment, high, low);
        boolean isRemote = neighbour != null
                && neighbour.mac != asking
                && fdb.find(segment, neighbour.mac)
                && Ports.isTunnel(fdb.port());
        return isRemote ? neighbour : null;
    }

    private static int answer(Packet packet) {
        packet.outPort(packet.inPort());
        return ANSWER;
    }

    private void notice(Packet packet, long high, long low, long mac, boolean isRouter) {
        int segment = packet.segment();
        Neighbour known = table.find(segment, high, low);
        if (known == null || (!known.isStatic && (known.mac != mac || known.isRouter != isRouter))) {
            queue.post(segment, packet.inPort(), high, low, mac, isRouter);
        } else if (nowNanos - known.seenNanos() >= REFRESH_NANOS) {
            known.seen(nowNanos);
        }
    }
}
