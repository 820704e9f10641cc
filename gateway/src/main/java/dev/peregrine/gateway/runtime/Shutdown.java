package dev.peregrine.gateway.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps that take a gateway down. Each is added when there is something to take down, and they are taken in the
 * reverse order; so a gateway that came up in part goes down in part. Belongs to the control thread.
 */
final class Shutdown {
    private static final Logger log = LoggerFactory.getLogger(Shutdown.class);

    private final Deque<Step> steps = new ArrayDeque<>();

    private record Step(String what, Runnable task) {}

    /** Adds a step, which is taken before all that were added earlier. */
    void add(String what, Runnable task) {
        steps.push(new Step(what, task));
    }

    /** Takes the steps. One that fails keeps none of the others from being taken. */
    void run() {
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            try {
                step.task().run();
            } catch (RuntimeException e) {
                log.error("the gateway did not come down cleanly: {}", step.what(), e);
            }
        }
    }
}
