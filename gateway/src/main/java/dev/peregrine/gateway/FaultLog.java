package dev.peregrine.gateway;

import dev.peregrine.dataplane.stage.Stage;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log which stage failed and how, once for each place in the code and {@value #MOST_TOLD} times at most: a
 * stage that fails on one packet fails on the next, too. Any worker may tell it.
 */
final class FaultLog {
    private static final Logger log = LoggerFactory.getLogger(FaultLog.class);
    private static final int MOST_TOLD = 100;

    private final Map<String, Boolean> told = new ConcurrentHashMap<>();

    void tell(Stage stage, RuntimeException failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        String key = stage.name() + failure.getClass() + (trace.length > 0 ? trace[0] : "");
        if (told.size() < MOST_TOLD && told.putIfAbsent(key, true) == null) {
            log.error("stage {} failed; its batch is dropped as STAGE_FAILED. Told once", stage.name(), failure);
        }
    }
}
