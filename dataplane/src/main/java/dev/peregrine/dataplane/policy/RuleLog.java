package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.policy.match.FrameFields;
import dev.peregrine.dataplane.policy.match.Match;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The reports of one worker about frames that met logging rules: a bounded queue of records, which a thread off the
 * packet path reads. One writer, one reader; when it is full, records are lost and counted. Nothing is allocated.
 */
public final class RuleLog {
    /** Records that wait at most. */
    static final int CAPACITY = 256;

    private static final VarHandle HEAD;
    private static final VarHandle TAIL;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            HEAD = lookup.findVarHandle(RuleLog.class, "head", long.class);
            TAIL = lookup.findVarHandle(RuleLog.class, "tail", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Line[] lines = new Line[CAPACITY];
    private long head;
    private long tail;
    private final Counter lost = new Counter();

    /** One record, valid during the call of its {@link Reader}. */
    public static final class Line {
        private Rule rule = Rule.of("", Action.ALLOW, Match.ALL);
        private boolean in;
        private boolean passed;
        private int segment;
        private int port;
        private int packets;
        private final FrameFields fields = new FrameFields();

        /** The rule that was met. */
        public Rule rule() {
            return rule;
        }

        /** Whether the frame was about to enter the bridge, not to leave it. */
        public boolean in() {
            return in;
        }

        /** Whether it passed the rule. */
        public boolean passed() {
            return passed;
        }

        /** Index of the segment. */
        public int segment() {
            return segment;
        }

        /** The port that it came in or leaves by. */
        public int port() {
            return port;
        }

        /** Wire packets. */
        public int packets() {
            return packets;
        }

        /** The properties by which rules see it. */
        public FrameFields fields() {
            return fields;
        }
    }

    /** Receives logged records. */
    @FunctionalInterface
    public interface Reader {
        /** Takes one record. */
        void line(Line line);
    }

    /** An empty queue. */
    RuleLog() {
        for (int i = 0; i < CAPACITY; i++) {
            lines[i] = new Line();
        }
    }

    /** Adds a record, or counts it as lost; called by the worker. */
    void offer(Rule rule, boolean in, boolean passed, Packet packet, FrameFields fields) {
        long at = tail;
        if (at - (long) HEAD.getAcquire(this) == CAPACITY) {
            lost.add(1);
            return;
        }
        Line line = lines[(int) at & (CAPACITY - 1)];
        line.rule = rule;
        line.in = in;
        line.passed = passed;
        line.segment = packet.segment();
        line.port = in ? packet.inPort() : packet.outPort();
        line.packets = packet.wirePackets();
        line.fields.copyFrom(fields);
        TAIL.setRelease(this, at + 1);
    }

    /** Records that were lost, because the reader was slower than the worker; any thread may ask. */
    public long lost() {
        return lost.value();
    }

    /** Passes the waiting records to {@code reader} and removes them; called by one thread. */
    public void drain(Reader reader) {
        long end = (long) TAIL.getAcquire(this);
        for (long at = head; at < end; at++) {
            reader.line(lines[(int) at & (CAPACITY - 1)]);
            HEAD.setRelease(this, at + 1);
        }
    }
}
