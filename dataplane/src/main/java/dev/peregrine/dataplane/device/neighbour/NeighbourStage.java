package dev.peregrine.dataplane.device.neighbour;

import dev.peregrine.dataplane.device.fdb.FdbReader;
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
 * <p>It learns from the messages that hosts send about themselves, on local ports and on tunnels, so that it notices an
 * address that moved. It answers only when the FDB has the MAC behind a tunnel now, and only while the host is not
 * doubted: with a {@link Neighbour#doubt doubt}, requests are flooded until the host, or the one that took over its
 * address, sends a message. Unicast requests, which ask whether a host is still there, pass; so do probes,
 * announcements and duplicate address detection, which are meant for all.
 */
public final class NeighbourStage implements Stage {
    private static final int FORWARD = Verdict.forward(0);
    private static final int ANSWER = Verdict.answer(1);
    private static final int NETWORK = EthernetHeader.LENGTH;
    private static final int ICMP = NETWORK + Ipv6Header.LENGTH;
    private static final int ADVERTISEMENT_LENGTH = NeighbourDiscovery.LENGTH + NeighbourDiscovery.OPTION_LENGTH;

    private final NeighbourTable table;
    private final NeighbourQueue queue;
    private final FdbReader fdb;
    private final NeighbourDoubts doubts;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final ArpPacket arp = new ArpPacket();
    private final Ipv6Header ipv6 = new Ipv6Header();
    private final NeighbourDiscovery message = new NeighbourDiscovery();
    private final SegmentCounts answers = new SegmentCounts();
    private boolean[] suppressed = new boolean[0];
    private long nowNanos;

    /** One worker's stage: it reads the table and reports by the queue what it learns. */
    public NeighbourStage(NeighbourTable table, NeighbourQueue queue, FdbReader fdb) {
        this.table = table;
        this.queue = queue;
        this.fdb = fdb;
        doubts = new NeighbourDoubts(table);
    }

    @Override
    public String name() {
        return "neighbours";
    }

    @Override
    public boolean recordsFlow() {
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
        boolean isRequest = arp.operation() == ArpPacket.REQUEST;
        if (mac != ethernet.wrap(packet, 0).source()) {
            return FORWARD;
        }
        if (sender == 0) {
            if (isRequest) {
                doubts.wanted(packet.segment(), 0, Neighbour.mapped(target), mac);
            }
            return FORWARD;
        }
        notice(packet, 0, Neighbour.mapped(sender), mac, false);
        boolean asks = isRequest && target != sender;
        Neighbour neighbour = asks ? answerFor(packet, 0, Neighbour.mapped(target), mac) : null;
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

    /**
     * Only an advertisement says whether the host is a router, which the answer on its behalf must say, too. One that
     * answers a unicast solicitation need not name the MAC (section 7.2.4), and the Linux kernel's does not.
     */
    private void lookAtAdvertisement(Packet packet) {
        long source = ethernet.wrap(packet, 0).source();
        long high = message.targetHigh();
        long low = message.targetLow();
        long mac = message.option(NeighbourDiscovery.TARGET_ADDRESS, ipv6.payloadLength());
        if (mac == NeighbourDiscovery.NO_ADDRESS) {
            doubts.used(packet.segment(), high, low, source, nowNanos);
        } else if (mac == source) {
            boolean isRouter = (message.flags() & NeighbourDiscovery.ROUTER) != 0;
            notice(packet, high, low, mac, isRouter);
        }
    }

    private int lookAtSolicitation(Packet packet) {
        long mac = ethernet.wrap(packet, 0).source();
        long high = message.targetHigh();
        long low = message.targetLow();
        if ((ipv6.sourceHigh() | ipv6.sourceLow()) == 0) {
            doubts.wanted(packet.segment(), high, low, mac);
            return FORWARD;
        }
        doubts.used(packet.segment(), ipv6.sourceHigh(), ipv6.sourceLow(), mac, nowNanos);
        boolean hasRoom = packet.tailroom() + packet.headLength() >= ICMP + ADVERTISEMENT_LENGTH;
        Neighbour neighbour = hasRoom ? answerFor(packet, high, low, mac) : null;
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

    /**
     * The host that has the address that a local host asks for, if it can be answered here: the address is known, the
     * MAC behind a tunnel and not that of the one who asks, and the host not doubted. A question that another host puts
     * is no reason for doubts: its answer need not come by here.
     */
    private @Nullable Neighbour answerFor(Packet packet, long high, long low, long asking) {
        int segment = packet.segment();
        Neighbour neighbour = Ports.isTunnel(packet.inPort()) ? null : table.find(segment, high, low);
        if (neighbour == null || neighbour.mac == asking) {
            return null;
        }
        long destination = ethernet.destination();
        if (EthernetHeader.isGroup(destination)) {
            boolean isRemote = fdb.find(segment, neighbour.mac) && Ports.isTunnel(fdb.port());
            return isRemote ? spokenFor(neighbour, asking) : null;
        }
        if (destination == neighbour.mac) {
            neighbour.doubt(); // until it says that it is still there
        }
        return null;
    }

    private @Nullable Neighbour spokenFor(Neighbour neighbour, long asking) {
        NeighbourDoubts.Course course = doubts.course(neighbour, asking, nowNanos);
        if (course == NeighbourDoubts.Course.ASK_HOST) {
            ethernet.destination(neighbour.mac);
        }
        return course == NeighbourDoubts.Course.ANSWER ? neighbour : null;
    }

    /** Questions that were answered here, by segment; any thread may read. */
    public SegmentCounts answers() {
        return answers;
    }

    private int answer(Packet packet) {
        answers.add(packet.segment(), 1);
        packet.outPort(packet.inPort());
        return ANSWER;
    }

    private void notice(Packet packet, long high, long low, long mac, boolean isRouter) {
        int segment = packet.segment();
        Neighbour known = table.find(segment, high, low);
        if (known == null || (known.isLearned() && (known.mac != mac || known.isRouter != isRouter))) {
            queue.post(segment, packet.inPort(), high, low, mac, isRouter);
        } else if (known.mac == mac) {
            doubts.heard(known, nowNanos);
        }
    }
}
