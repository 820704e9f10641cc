package dev.peregrine.gateway.http;

import dev.peregrine.gateway.metric.MetricSource;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A gateway as those see it who watch it. */
public interface Observed {
    /** Why no traffic flows now; null when it does. Any thread may ask. */
    @Nullable
    String obstacle();

    /** Its metrics, which are collected on the {@link #controlThread}. */
    MetricSource metrics();

    /** The thread that owns its tables. */
    Executor controlThread();
}
