package dev.peregrine.dataplane.schedule;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** What a producer and a worker that goes to sleep can see of each other: the protocol of {@link Doorbell}. */
public class DoorbellStress {
    /** A worker about to sleep, and a producer that has something for it. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The worker saw it and stays awake.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The producer raised the worker.")
    @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "Nobody noticed: the packet sleeps.")
    @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "Raised though awake: a needless wake-up.")
    @State
    public static class NoPacketSleeps {
        private final SpscVarHandleArrayQueue<Object> queue = new SpscVarHandleArrayQueue<>(4);
        private final Doorbell doorbell = new Doorbell();
        private int raised;

        public NoPacketSleeps() {
            doorbell.raise(() -> raised++);
            doorbell.rise();
        }

        @Actor
        public void producer() {
            queue.offer(this);
            doorbell.ring();
        }

        @Actor
        public void worker(II_Result result) {
            doorbell.rest();
            result.r1 = !queue.isEmpty() && doorbell.stayAwake() ? 1 : 0;
        }

        @Arbiter
        public void arbiter(II_Result result) {
            result.r2 = raised;
        }
    }

    /** Two producers and a sleeping worker. */
    @JCStressTest
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "Both packets are there, and one raised the worker.")
    @Outcome(expect = FORBIDDEN, desc = "Raised twice or not at all.")
    @State
    public static class OneRaises {
        private final SpscVarHandleArrayQueue<Object> first = new SpscVarHandleArrayQueue<>(4);
        private final SpscVarHandleArrayQueue<Object> second = new SpscVarHandleArrayQueue<>(4);
        private final Doorbell doorbell = new Doorbell();
        private int raised;

        public OneRaises() {
            doorbell.raise(() -> raised++);
        }

        @Actor
        public void producer() {
            first.offer(this);
            doorbell.ring();
        }

        @Actor
        public void other() {
            second.offer(this);
            doorbell.ring();
        }

        @Arbiter
        public void arbiter(II_Result result) {
            result.r1 = first.size() + second.size();
            result.r2 = raised;
        }
    }

    /** What a packet says about itself when it comes out of a link: plain fields, written before it went in. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Nothing has come yet.")
    @Outcome(id = "1, 7", expect = ACCEPTABLE, desc = "It came with all that was written.")
    @Outcome(expect = FORBIDDEN, desc = "It came without what was written before.")
    @State
    public static class PacketsArriveWhole {
        private final SpscVarHandleArrayQueue<int[]> queue = new SpscVarHandleArrayQueue<>(4);
        private final int[] packet = new int[1];

        @Actor
        public void producer() {
            packet[0] = 7;
            queue.offer(packet);
        }

        @Actor
        public void worker(II_Result result) {
            int[] taken = queue.relaxedPoll();
            if (taken != null) {
                result.r1 = 1;
                result.r2 = taken[0];
            }
        }
    }
}
