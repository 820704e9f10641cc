package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.IpFragment;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.VlanTags;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;

/**
 * One worker's access to {@link FlowStates}: classifies a packet by the flows that rules let pass, and follows these
 * flows.
 *
 * <p>For each packet the worker first calls {@link #follow}. Where rules have to decide ({@link FlowState#NEW} and
 * {@link FlowState#UNTRACKED}) and let the packet pass so that replies may too, {@link #open} comes next, before any
 * other packet. A packet that is established, related or invalid needs no rule.
 *
 * <p>A <em>zone</em> is a number of the place where policy is applied, such as the port; states of different zones are
 * separate. Otherwise a flow that one port's rules let pass would be established at the next.
 *
 * <p><b>TCP</b>: {@link TcpTransition}. <b>UDP and other protocols</b>: by addresses and ports, established by the
 * first packet of the other direction. <b>ICMP and ICMPv6 echo</b>: by addresses and identifier; a reply begins no
 * flow. <b>ICMP errors</b> (RFC 792, RFC 4443): by the packet that they quote, which must have come from where they go;
 * one that quotes IPv6 extension headers or a later fragment is invalid. Multicast and limited broadcast are not
 * tracked.
 *
 * <p><b>Fragments.</b> A first fragment must have the whole transport header (RFC 1858, RFC 7112) and is treated as a
 * whole datagram. A later fragment belongs to what its first fragment was: it is established if a first fragment with
 * its addresses, protocol and identification was let pass here, else invalid; so datagrams whose fragments overtake the
 * first one are lost. TCP fragments that would overwrite the TCP header are invalid (RFC 3128).
 *
 * <p>Packets must be dissected and have their segment set. Allocates nothing, takes no locks. Not thread-safe.
 */
public final class FlowTracker {
    private static final int ATTEMPTS = 4;

    /** Signs of life are noted when the last is this number of ticks old. */
    static final int REFRESH_TICKS = 2;

    /** The first offset, in bytes, that leaves the TCP header alone. */
    private static final int BEHIND_TCP_HEADER = 24;

    private static final int FIRST_MULTICAST = 224;
    private static final int IPV6_MULTICAST = 0xff;

    private final FlowStates states;
    private final FlowSlot slot;
    private final StateKey key;
    private final boolean in;
    private final TcpSegment segment = new TcpSegment();
    private final IcmpReader icmp = new IcmpReader();
    private final FlowTally tally;

    private long zone;
    private int tick;
    private int openPhase;
    private boolean isFragment;
    private boolean isSegment;

    FlowTracker(FlowStates states, SipHash hash, boolean in, FlowTally tally) {
        this.states = states;
        this.in = in;
        this.tally = tally;
        slot = new FlowSlot(states, tally);
        key = new StateKey(hash);
    }

    /**
     * The relation of a packet to the flows of a zone; moves the state of its flow on. {@code nowNanos} is its batch's.
     */
    public FlowState follow(Packet packet, int inZone, long nowNanos) {
        zone = (inZone & 0xffff_ffffL) | (VlanTags.ids(packet) << 32);
        tick = StateWord.tick(nowNanos);
        openPhase = StateWord.FREE;
        isFragment = false;
        int network = packet.networkIndex();
        boolean isIpv4 = Dissector.isIpv4(packet);
        if ((!isIpv4 && !Dissector.isIpv6(packet)) || isMulticast(packet, network, isIpv4)) {
            return FlowState.UNTRACKED;
        }
        isFragment = Dissector.isFragment(packet);
        if (packet.protocol() == 0) {
            return isFragment ? laterFragment(packet) : FlowState.INVALID;
        }
        FlowState state = transport(packet, network);
        if (isFragment && state == FlowState.ESTABLISHED) {
            openFragments(packet);
        }
        return state;
    }

    /**
     * Lets the flow of the packet pass that {@link #follow} was asked about last, which rules have allowed.
     *
     * @return false when the table has no place for the flow
     */
    public boolean open(Packet packet) {
        boolean isOpen = openPhase == StateWord.FREE || openFlow(packet);
        return isOpen && (!isFragment || openFragments(packet));
    }

    /**
     * Notes in a recording that later packets like the last one are {@link FlowState#ESTABLISHED} as long as the state
     * of their flow does not change. To be called when the last packet was established, or its flow has been opened.
     */
    public void leave(FlowRecording recording) {
        if (isFragment || !slot.isSteady(key.isFromLow())) {
            // a later datagram has fragments of its own, a connection that begins or ends may go on
            recording.markUncacheable();
        } else {
            slot.leave(recording, key.isFromLow());
        }
    }

    /**
     * The first four bytes of the transport header that a later fragment belongs to: what rules would see if it were
     * there. To be called when {@link #follow} has just said {@link FlowState#ESTABLISHED} of a later fragment.
     */
    public int transportOfFirst() {
        return slot.transport();
    }

    private static boolean isMulticast(Packet packet, int network, boolean isIpv4) {
        return isIpv4
                ? packet.getByte(network + Ipv4Header.DESTINATION) >= FIRST_MULTICAST
                : packet.getByte(network + Ipv6Header.DESTINATION) == IPV6_MULTICAST;
    }

    private FlowState transport(Packet packet, int network) {
        int protocol = packet.protocol();
        int transport = packet.transportIndex();
        return switch (protocol) {
            case IpProtocol.TCP -> {
                key.of(packet, network, zone, protocol, packet.getInt(transport));
                isSegment = segment.read(packet);
                yield tcp(packet.getByte(transport + TcpHeader.FLAGS));
            }
            case IpProtocol.UDP -> {
                key.of(packet, network, zone, protocol, packet.getInt(transport));
                yield exchange(StateWord.UDP, true);
            }
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> icmp(packet, network);
            default -> {
                key.of(packet, network, zone, protocol, 0);
                yield exchange(StateWord.OTHER, true);
            }
        };
    }

    private FlowState tcp(int flags) {
        if (!TcpTransition.isPossible(flags)) {
            return FlowState.INVALID;
        }
        for (int i = 0; i < ATTEMPTS; i++) {
            if (!slot.find(key, tick)) {
                return tcpUnknown(flags);
            }
            long state = slot.state();
            long next = TcpTransition.next(state, flags, key.isFromLow(), belongs(state, flags));
            if (next == TcpTransition.INVALID) {
                return invalid(state);
            }
            if (next == TcpTransition.NEW) {
                openPhase = TcpTransition.isOpening(flags) ? StateWord.SYN_SENT : StateWord.PICKED_UP;
                return FlowState.NEW;
            }
            if (commit(state, next, TcpTransition.refreshes(state, flags))) {
                break;
            }
        }
        return FlowState.ESTABLISHED;
    }

    /** A connection that a command has ended is known as such for as long as an end tries to go on. */
    private FlowState invalid(long state) {
        if (StateWord.isEnded(state)) {
            commit(state, state, true);
        }
        return FlowState.INVALID;
    }

    /**
     * Whether a segment's sequence numbers belong to its connection, see {@link TcpWindows}; records them if they do.
     */
    private boolean belongs(long state, int flags) {
        TcpWindows windows = states.windows();
        int flow = slot.record();
        if (!isSegment || StateWord.isOver(state)) {
            return false;
        }
        if ((flags & TcpHeader.RST) != 0) {
            return windows.isReset(flow, key.isFromLow(), segment);
        }
        if ((flags & TcpHeader.SYN) == 0) {
            return StateWord.phase(state) != StateWord.SYN_SENT && windows.accept(flow, key.isFromLow(), segment);
        }
        boolean begins = TcpTransition.isHandshake(state, flags, key.isFromLow());
        if (begins) {
            windows.introduce(flow, key.isFromLow(), segment);
        }
        return begins;
    }

    private FlowState tcpUnknown(int flags) {
        if (TcpTransition.isOpening(flags)) {
            openPhase = StateWord.SYN_SENT;
        } else if (states.picksUp() && TcpTransition.isMidstream(flags)) {
            openPhase = StateWord.PICKED_UP;
        } else {
            return FlowState.INVALID;
        }
        return FlowState.NEW;
    }

    /** A flow that is established once both ends have sent something. */
    private FlowState exchange(int phase, boolean mayOpen) {
        for (int i = 0; i < ATTEMPTS; i++) {
            if (!slot.find(key, tick)) {
                openPhase = mayOpen ? phase : StateWord.FREE;
                return mayOpen ? FlowState.NEW : FlowState.INVALID;
            }
            long state = slot.state();
            boolean isReply = key.isFromLow() != StateWord.isOpenedByLow(state);
            // The phase of a flow that has been replied to follows that of one that has not.
            if (commit(state, isReply ? StateWord.phase(state, phase + 1) : state, true)) {
                break;
            }
        }
        return FlowState.ESTABLISHED;
    }

    private FlowState icmp(Packet packet, int network) {
        return switch (icmp.read(packet)) {
            case ECHO -> {
                key.of(packet, network, zone, packet.protocol(), icmp.ports());
                yield exchange(StateWord.ECHO, icmp.isRequest());
            }
            case ERROR -> {
                if (isFragment || !icmp.readQuoted(packet)) {
                    yield FlowState.INVALID;
                }
                key.of(packet, icmp.quotedNetwork(), zone, icmp.quotedProtocol(), icmp.ports());
                yield slot.find(key, tick) && !StateWord.isEnded(slot.state()) ? FlowState.RELATED : FlowState.INVALID;
            }
            case OTHER -> FlowState.UNTRACKED;
        };
    }

    private FlowState laterFragment(Packet packet) {
        int offset = IpFragment.offset(packet);
        int protocol = IpFragment.protocol(packet);
        isFragment = false; // its first fragment has made the entry, or none will
        if (offset == 0 || (protocol == IpProtocol.TCP && offset < BEHIND_TCP_HEADER)) {
            return FlowState.INVALID;
        }
        fragmentKey(packet, protocol);
        return slot.find(key, tick) ? FlowState.ESTABLISHED : FlowState.INVALID;
    }

    private boolean openFragments(Packet packet) {
        fragmentKey(packet, IpFragment.protocol(packet));
        return open(packet, StateWord.FRAGMENTS);
    }

    private void fragmentKey(Packet packet, int protocol) {
        int kind = protocol | StateKey.FRAGMENTS;
        key.of(packet, packet.networkIndex(), zone, kind, IpFragment.id(packet));
    }

    private boolean openFlow(Packet packet) {
        boolean isOpen = open(packet, openPhase);
        if (isOpen && (openPhase == StateWord.SYN_SENT || openPhase == StateWord.PICKED_UP)) {
            if (isSegment) {
                states.windows().begin(slot.record(), key.isFromLow(), segment);
            } else {
                states.windows().forget(slot.record());
            }
        }
        return isOpen;
    }

    private boolean open(Packet packet, int phase) {
        if (slot.find(key, tick)) {
            long state = slot.state();
            // A flow that is alive was opened by another worker a moment ago; one that is over begins again, here or
            // there.
            return !StateWord.isOver(state) || slot.reopen(key, packet, in, phase, tick) || slot.find(key, tick);
        }
        boolean inserted = slot.insert(key, packet, in, phase, tick);
        (inserted ? tally.opened : tally.refused).add(1);
        return inserted;
    }

    /** Stores a state if that is worth it; false when another worker has changed it since. */
    private boolean commit(long state, long next, boolean isAlive) {
        boolean refresh = isAlive && StateWord.age(state, tick) >= REFRESH_TICKS;
        long changed = refresh || StateWord.phase(next) != StateWord.phase(state) ? StateWord.seen(next, tick) : next;
        if (changed == state) {
            return true;
        }
        if (!slot.change(changed)) {
            return false;
        }
        if (StateWord.isEstablished(changed) && !StateWord.isAssured(changed)) {
            slot.assure(tick);
        }
        return true;
    }
}
