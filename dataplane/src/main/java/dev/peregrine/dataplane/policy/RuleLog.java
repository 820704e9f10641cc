package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.policy.match.FrameFields;
import dev.peregrine.dataplane.policy.match.Match;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/**
 * The reports of one worker about frames that met logging rules: a bounded queue of records, which a thread off the
 * packet path reads. One writer, one reader; when it is full, records are lost and counted. Nothing is allocated.
 */
public final class RuleLog {
    /** Records that wait at most. */
    static final int CAPACITY = 256;

    private final OneToOneConcurrentArrayQueue<Line> free = new OneToOneConcurrentArrayQueue<>(CAPACITY);
    private final OneToOneConcurrentArrayQueue<Line> waiting = new OneToOneConcurrentArrayQueue<>(CAPACITY);
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
            free.add(new Line());
        }
    }

    /** Adds a record, or counts it as lost; called by the worker. */
    void offer(Rule rule, boolean in, boolean passed, Packet packet, FrameFields fields) {
        Line line = free.poll();
        if (line == null) {
            lost.add(1);
            return;
        }
        line.rule = rule;
        line.in = in;
        line.passed = passed;
        line.segment = packet.segment();
        line.port = in ? packet.inPort() : packet.outPort();
        line.packets = packet.wirePackets();
        line.fields.copyFrom(fields);
        waiting.add(line);
    }

    /** Records that were lost, because the reader was slower than the worker; any thread may ask. */
    public long lost() {
        return lost.value();
    }

    /** Passes the waiting records to {@code reader} and removes them; called by one thread. */
    public void drain(Reader reader) {
        for (int i = waiting.size(); i > 0; i--) {
            Line line = waiting.remove();
            try {
                reader.line(line);
            } finally {
                free.add(line);
            }
        }
    }
}
