package dev.peregrine.gateway.worker;

import dev.peregrine.dataplane.stage.FaultListener;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what failed and how, once for each place in the code and at most {@value #MOST_TOLD} times: a stage that fails
 * on one packet fails on the next, too. Any thread may report.
 */
public final class FaultLog implements FaultListener {
    private static final Logger log = LoggerFactory.getLogger(FaultLog.class);
    private static final int MOST_TOLD = 100;

    private final Map<String, Boolean> told = new ConcurrentHashMap<>();

    @Override
    public void failed(String where, Throwable fault) {
        if (isNew(where, fault)) {
            log.error("{} failed; packets that it had are dropped as STAGE_FAILED. Logged once", where, fault);
        }
    }

    /** A task that reports its failure here and returns normally. */
    public Runnable contain(String what, Runnable task) {
        return () -> run(what, task);
    }

    /** Runs a task, and reports its failure. */
    public void run(String what, Runnable task) {
        try {
            task.run();
        } catch (Throwable fault) {
            if (isNew(what, fault)) {
                log.error("{} failed; it is tried again when it is due. Logged once", what, fault);
            }
        }
    }

    private boolean isNew(String where, Throwable fault) {
        StackTraceElement[] trace = fault.getStackTrace();
        String key = where + fault.getClass() + (trace.length > 0 ? trace[0] : "");
        return told.size() < MOST_TOLD && told.putIfAbsent(key, true) == null;
    }
}
