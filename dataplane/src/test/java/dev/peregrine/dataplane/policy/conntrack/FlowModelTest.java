package dev.peregrine.dataplane.policy.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Seed;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The table, while it has room, against a plain map from five-tuples to what happened so far. */
class FlowModelTest {
    private static final long TICK = 1L << StateWord.TICK_BITS;
    /** A little before sequence numbers come round. */
    private static final long FIRST = (1L << 32) - (1 << 19);

    private static final int FIN = 0x01;
    private static final int SYN = 0x02;
    private static final int RST = 0x04;
    private static final int ACK = 0x10;
    private static final int[] FLAGS = {SYN, SYN, SYN | ACK, ACK, ACK, ACK, FIN | ACK, RST, RST | ACK, 0, SYN | FIN};
    private static final String[] ADDRESSES_4 = {"198.19.0.1", "198.19.0.2", "10.0.0.1"};
    private static final String[] ADDRESSES_6 = {"fd00::1", "fd00::2", "2001:db8::1"};

    private enum Phase {
        SYN_SENT(60),
        ANSWERED(60),
        CONNECTED(86_400),
        ONE_FIN(240),
        TWO_FINS(60),
        RESET(10),
        UDP(30),
        UDP_BOTH(180),
        ECHO(60),
        ECHO_BOTH(60);

        private final long ticks;

        Phase(long seconds) {
            ticks = seconds * 1_000_000_000L / TICK;
        }
    }

    private record End(String address, int port) {}

    /** One end of a connection: what it sent and acknowledged, in numbers that never come round. */
    private static final class Side {
        private boolean heard;
        private boolean acknowledges;
        private long end;
        private long acknowledged;
        private long window;

        /** The bytes that the other may send beyond what this one has acknowledged. */
        private long room() {
            return heard ? window : 1L << 30;
        }

        private void begin(Segment segment) {
            heard = true;
            acknowledges = (segment.flags & ACK) != 0;
            end = segment.end();
            acknowledged = segment.acknowledgment;
            window = powerOfTwo(segment.window);
        }

        private void note(Segment segment) {
            end = heard ? Math.max(end, segment.end()) : segment.end();
            if ((segment.flags & ACK) != 0) {
                acknowledged = acknowledges ? Math.max(acknowledged, segment.acknowledgment) : segment.acknowledgment;
                acknowledges = true;
            }
            window = Math.max(window, powerOfTwo(segment.window));
            heard = true;
        }

        private static long powerOfTwo(long size) {
            long power = 1;
            while (power < size) {
                power *= 2;
            }
            return power;
        }
    }

    /** A TCP segment, in numbers that never come round. */
    private record Segment(int flags, long sequence, long acknowledgment, int payload, int window) {
        long end() {
            return sequence + payload + ((flags & SYN) != 0 ? 1 : 0) + ((flags & FIN) != 0 ? 1 : 0);
        }
    }

    /** A flow as its first packet has it, or turned around. */
    private record Tuple(int zone, int segment, int protocol, End from, End to) {
        Tuple reversed() {
            return new Tuple(zone, segment, protocol, to, from);
        }
    }

    private static final class Flow {
        private final Tuple opener;
        private Phase phase;
        private boolean finThere;
        private boolean finBack;
        private long seen;
        private final Side low = new Side();
        private final Side high = new Side();

        Side side(boolean there) {
            return there ? low : high;
        }

        Flow(Tuple opener, Phase phase, long tick) {
            this.opener = opener;
            this.phase = phase;
            seen = tick;
        }
    }

    private final Map<Tuple, Flow> model = new HashMap<>();
    private final Seed seed = Seed.ofThisRun();
    private final SplittableRandom random = seed.random();
    private long tick;
    private int unbelieved;

    @Tag("slow")
    @Test
    void isAMapOfFlows() {
        long start = random.nextLong() & -TICK;
        List<FlowTracker> workers = new ArrayList<>();
        FlowStates states = new FlowStates(8192, FlowTimeouts.DEFAULT, false);
        for (int i = 0; i < 3; i++) {
            workers.add(states.tracker(true, states.tally()));
        }
        Map<FlowState, Integer> met = new EnumMap<>(FlowState.class);
        try (PacketPool pool = new PacketPool(1, 1)) {
            for (int step = 0; step < 300_000; step++) {
                tick += pause();
                Tuple tuple = tuple();
                Segment sent = segment(tuple, FLAGS[random.nextInt(FLAGS.length)]);
                Packet packet = Packets.frame(pool, frame(tuple, sent)).segment(tuple.segment());
                FlowTracker worker = workers.get(random.nextInt(workers.size()));
                String where = seed + ", step " + step + ", " + tuple + ", " + sent;
                FlowState expected = follow(tuple, sent);
                assertEquals(expected, worker.follow(packet, tuple.zone(), start + tick * TICK), where);
                met.merge(expected, 1, Integer::sum);
                if (expected == FlowState.NEW && random.nextInt(4) > 0) {
                    assertTrue(worker.open(packet), where);
                    open(tuple, sent);
                }
                pool.release(packet);
            }
        }
        for (FlowState state : List.of(FlowState.NEW, FlowState.ESTABLISHED, FlowState.INVALID)) {
            assertTrue(met.getOrDefault(state, 0) > 1000, seed + ": hardly any packet was " + state);
        }
        assertTrue(unbelieved > 500, seed + ": hardly any reset was sent blindly");
        assertEquals(0, states.evicted(), seed.toString());
    }

    /** No time, or enough for a sign of life to be noted; sometimes about as long as a timeout. */
    private long pause() {
        return switch (random.nextInt(12)) {
            case 0 -> 3 + random.nextInt(40);
            case 1 -> random.nextInt(40) == 0 ? 3 + random.nextInt(1000) : 0;
            default -> 0;
        };
    }

    private Tuple tuple() {
        boolean ipv6 = random.nextBoolean();
        String[] addresses = ipv6 ? ADDRESSES_6 : ADDRESSES_4;
        int one = random.nextInt(3);
        int other = (one + 1 + random.nextInt(2)) % 3;
        int protocol = new int[] {6, 6, 6, 17, ipv6 ? 58 : 1}[random.nextInt(5)];
        boolean echo = protocol == 58 || protocol == 1;
        int fromPort = 1 + random.nextInt(2);
        int toPort = echo ? fromPort : 1 + random.nextInt(2);
        return new Tuple(
                random.nextInt(2),
                random.nextInt(2),
                protocol,
                new End(addresses[one], fromPort),
                new End(addresses[other], toPort));
    }

    /** An echo goes from the lower address, its reply comes from the higher one: so both kinds come up. */
    private static boolean isRequest(Tuple tuple) {
        return tuple.from().address().compareTo(tuple.to().address()) < 0;
    }

    private static byte[] frame(Tuple tuple, Segment sent) {
        FrameBuilder builder = FrameBuilder.ip(
                tuple.protocol(), tuple.from().address(), tuple.to().address());
        boolean request = isRequest(tuple);
        return switch (tuple.protocol()) {
            case 1 ->
                builder.icmpType(request ? 8 : 0).echoId(tuple.from().port()).build();
            case 58 ->
                builder.icmpType(request ? 128 : 129)
                        .echoId(tuple.from().port())
                        .build();
            default ->
                builder.ports(tuple.from().port(), tuple.to().port())
                        .flags(sent.flags())
                        .sequence((int) sent.sequence())
                        .acknowledgment((int) sent.acknowledgment())
                        .window(sent.window())
                        .payload(sent.payload())
                        .build();
        };
    }

    private Flow known(Tuple tuple) {
        Flow flow = model.containsKey(tuple) ? model.get(tuple) : model.get(tuple.reversed());
        return flow == null || tick - flow.seen > flow.phase.ticks ? NONE : flow;
    }

    private static final Flow NONE =
            new Flow(new Tuple(0, 0, 0, new End("", 0), new End("", 0)), Phase.RESET, Long.MIN_VALUE);

    private FlowState follow(Tuple tuple, Segment sent) {
        Flow flow = known(tuple);
        boolean there = flow.opener.equals(tuple);
        if (tuple.protocol() == 6) {
            return tcp(flow, there, sent);
        }
        if (flow == NONE) {
            boolean reply = tuple.protocol() != 17 && !isRequest(tuple);
            return reply ? FlowState.INVALID : FlowState.NEW;
        }
        flow.seen = tick;
        if (!there) {
            flow.phase = tuple.protocol() == 17 ? Phase.UDP_BOTH : Phase.ECHO_BOTH;
        }
        return FlowState.ESTABLISHED;
    }

    private FlowState tcp(Flow flow, boolean there, Segment sent) {
        int flags = sent.flags();
        if (flags == 0 || flags == (SYN | FIN)) {
            return FlowState.INVALID;
        }
        boolean reset = (flags & RST) != 0;
        if (flow == NONE) {
            return flags == SYN ? FlowState.NEW : FlowState.INVALID;
        }
        if (flow.phase == Phase.RESET || flow.phase == Phase.TWO_FINS) {
            boolean passes = reset || flow.phase == Phase.TWO_FINS;
            return flags == SYN ? FlowState.NEW : passes ? FlowState.ESTABLISHED : FlowState.INVALID;
        }
        Phase before = flow.phase;
        if (reset) {
            if (!isReset(flow.side(there), flow.side(!there), sent)) {
                unbelieved++;
                return FlowState.ESTABLISHED;
            }
            flow.phase = Phase.RESET;
        } else if (before == Phase.SYN_SENT) {
            if (there && flags != SYN) {
                return FlowState.INVALID;
            }
            if ((flags & SYN) != 0) {
                flow.side(there).begin(sent);
                flow.phase = there ? before : Phase.ANSWERED;
            }
        } else {
            boolean belongs = belongs(flow, before, there, sent);
            if (belongs && (before != Phase.ANSWERED || (there && (flags & ACK) != 0))) {
                flow.phase = before == Phase.ANSWERED ? Phase.CONNECTED : before;
                close(flow, there, flags);
            }
        }
        boolean strange = (flags & SYN) != 0 && (before == Phase.CONNECTED || before == Phase.ONE_FIN);
        flow.seen = strange ? flow.seen : tick;
        return FlowState.ESTABLISHED;
    }

    private static boolean belongs(Flow flow, Phase phase, boolean there, Segment sent) {
        Side own = flow.side(there);
        Side other = flow.side(!there);
        if ((sent.flags() & SYN) != 0) {
            if (phase == Phase.ANSWERED) {
                own.begin(sent);
            }
            return phase == Phase.ANSWERED;
        }
        boolean tooNew = other.acknowledges
                ? sent.sequence() > other.acknowledged + other.room()
                : own.heard && sent.sequence() > own.end + other.room();
        boolean tooOld = own.heard && sent.end() < own.end - other.room();
        boolean answers = (sent.flags() & ACK) == 0
                || !other.heard
                || (sent.acknowledgment() <= other.end
                        && sent.acknowledgment() >= other.end - Math.max(own.room(), 66_000));
        if (tooNew || tooOld || !answers) {
            return false;
        }
        own.note(sent);
        return true;
    }

    private static boolean isReset(Side own, Side other, Segment sent) {
        if (!own.heard) {
            return (sent.flags() & ACK) != 0
                    && sent.acknowledgment() <= other.end
                    && sent.acknowledgment() > other.end - (1 << 14);
        }
        if (!other.acknowledges) {
            return sent.sequence() == own.end;
        }
        return sent.sequence() == other.acknowledged
                || sent.sequence() == own.end
                || (sent.sequence() > other.acknowledged && sent.sequence() < own.end);
    }

    /** Where its sender would, or somewhere in the window, behind it, or far away as one that was sent blindly. */
    private Segment segment(Tuple tuple, int flags) {
        Flow flow = known(tuple);
        boolean there = flow.opener.equals(tuple);
        Side own = flow.side(there);
        Side other = flow.side(!there);
        long sequence = own.heard ? own.end : FIRST + random.nextInt(1 << 20);
        long acknowledgment = other.heard ? other.end : FIRST;
        if (flow != NONE && (flags & SYN) == 0 && random.nextInt(4) == 0) {
            long[] away = {-3000, -70_000, 3000, 70_000, 1 << 28, -(1 << 28), random.nextInt(1 << 17) - (1 << 16)};
            sequence += random.nextBoolean() ? away[random.nextInt(away.length)] : 0;
            acknowledgment += random.nextBoolean() ? away[random.nextInt(away.length)] : 0;
        }
        int payload = (flags & (SYN | RST)) != 0 ? 0 : random.nextInt(3) * 700;
        return new Segment(flags, sequence, acknowledgment, payload, random.nextInt(1 << 16));
    }

    private static void close(Flow flow, boolean there, int flags) {
        if ((flags & FIN) != 0) {
            flow.finThere |= there;
            flow.finBack |= !there;
            flow.phase = flow.finThere && flow.finBack ? Phase.TWO_FINS : Phase.ONE_FIN;
        }
    }

    private void open(Tuple tuple, Segment sent) {
        model.remove(tuple.reversed());
        Phase phase = switch (tuple.protocol()) {
            case 6 -> Phase.SYN_SENT;
            case 17 -> Phase.UDP;
            default -> Phase.ECHO;
        };
        Flow flow = new Flow(tuple, phase, tick);
        flow.side(true).begin(sent);
        model.put(tuple, flow);
    }
}
