package dev.peregrine.gateway.underlay;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.vxlan.underlay.ReceiveFailure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the underlay's receiving sockets: tells the log of failures, the first of a kind at once and then one a
 * minute for each worker, and has sockets that were given up tried again. Belongs to the control thread.
 */
public final class ReceiveWatch {
    private static final Logger log = LoggerFactory.getLogger(ReceiveWatch.class);
    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Map<Integer, Told> told = new HashMap<>();

    private record Told(ReceiveFailure failure, long nanos) {}

    /** Looks at every worker; called about once a second. */
    public void tick(List<EventLoopLane> lanes, long nowNanos) {
        for (EventLoopLane lane : lanes) {
            ReceiveFailure failure = lane.underlay().receiveFailure();
            if (failure != null) {
                tell(lane, failure, nowNanos);
            }
            if (lane.underlay().isBroken()) {
                lane.receiveAgain();
            }
        }
    }

    private void tell(EventLoopLane lane, ReceiveFailure failure, long nowNanos) {
        Told before = told.get(lane.id());
        boolean isNew = before == null || before.failure.errno() != failure.errno();
        boolean isDue =
                before != null && before.failure.count() < failure.count() && nowNanos - before.nanos >= AGAIN_NANOS;
        if (!isNew && !isDue) {
            return;
        }
        told.put(lane.id(), new Told(failure, nowNanos));
        log.warn(
                "worker {} failed to receive from the underlay, with {}, {} in all: {}{}",
                lane.id(),
                failure,
                failure.count() == 1 ? "once" : failure.count() + " times",
                LinuxException.advice(failure.errno()),
                lane.underlay().isBroken() ? "; tried again every second" : "");
    }
}
