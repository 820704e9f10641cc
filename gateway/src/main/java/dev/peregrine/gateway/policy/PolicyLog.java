package dev.peregrine.gateway.policy;

import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.policy.RuleLog;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what logging rules have met to the log, on a thread of its own: a log that blocks delays no worker. */
public final class PolicyLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("dev.peregrine.policy");
    private static final int PERIOD_MILLIS = 200;

    /** The pause while no rule logs: an idle gateway is to cost next to nothing. */
    private static final int IDLE_MILLIS = 1000;

    private final Policy policy;
    private final IntFunction<String> segmentName;
    private final IntFunction<String> portName;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(PolicyLog::thread);
    private long lostTold;

    /** Begins; the names are those of segments by index and of ports by number. */
    public PolicyLog(Policy policy, IntFunction<String> segmentName, IntFunction<String> portName) {
        this.policy = policy;
        this.segmentName = segmentName;
        this.portName = portName;
        drainLater();
    }

    private static Thread thread(Runnable run) {
        Thread thread = new Thread(run, "policy-log");
        thread.setDaemon(true);
        return thread;
    }

    private void drainLater() {
        int millis = policy.snapshot().logs() ? PERIOD_MILLIS : IDLE_MILLIS;
        var _ = thread.schedule(this::drainAndGoOn, millis, TimeUnit.MILLISECONDS);
    }

    private void drainAndGoOn() {
        try {
            drain();
        } finally {
            if (!thread.isShutdown()) {
                drainLater();
            }
        }
    }

    private void drain() {
        long lost = 0;
        for (int worker = 0; worker < policy.workers(); worker++) {
            policy.log(worker).drain(this::tell);
            lost += policy.log(worker).lost();
        }
        if (lost > lostTold) {
            log.warn("{} more packets met logging rules than could be told", lost - lostTold);
            lostTold = lost;
        }
    }

    private void tell(RuleLog.Line line) {
        log.info(
                "rule {} {} {} {}, {}: {} packet{}, {}",
                line.rule().name(),
                line.passed() ? "passes" : "drops",
                line.in() ? "from" : "to",
                portName.apply(line.port()),
                segmentName.apply(line.segment()),
                line.packets(),
                line.packets() == 1 ? "" : "s",
                line.fields());
    }

    /** Tells what is left and ends. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (thread.awaitTermination(1, TimeUnit.SECONDS)) {
                drain();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
