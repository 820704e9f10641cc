package dev.peregrine.dataplane.schedule;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.PacketRing;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The same protocol without its fences, which must fail: else the other tests could not find a lost wake-up either. */
@JCStressTest
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The worker saw it and stays awake.")
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The producer raised the worker.")
@Outcome(id = "0, 0", expect = FORBIDDEN, desc = "Nobody noticed: the packet sleeps. Expected here.")
@State
public class WeakenedStress {
    private static final Packet PACKET = Objects.requireNonNull(new PacketPool(1, 1).acquire());

    private static final int ASLEEP = 0;
    private static final int AWAKE = 1;

    private final PacketRing queue = new PacketRing(4);
    private final AtomicInteger flag = new AtomicInteger(AWAKE);
    private int raised;

    @Actor
    public void producer() {
        queue.give(PACKET);
        if (flag.getOpaque() == ASLEEP && flag.compareAndSet(ASLEEP, AWAKE)) {
            raised++;
        }
    }

    @Actor
    public void worker(II_Result result) {
        flag.setOpaque(ASLEEP);
        result.r1 = !queue.isEmpty() && flag.compareAndSet(ASLEEP, AWAKE) ? 1 : 0;
    }

    @Arbiter
    public void arbiter(II_Result result) {
        result.r2 = raised;
    }
}
