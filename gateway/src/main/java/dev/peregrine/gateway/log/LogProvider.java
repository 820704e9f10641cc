package dev.peregrine.gateway.log;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * The provider that SLF4J finds on the class path. The level is the property {@code pg.log} or the environment's
 * PEREGRINE_LOG.
 */
public final class LogProvider implements SLF4JServiceProvider, ILoggerFactory {
    private static final String NETTY = "io.netty.";

    /** An answer that comes as a connection closes has nowhere to go. */
    private static final String REJECTED = "io.netty.util.concurrent.DefaultPromise.rejectedExecution";

    private static final int NOTHING = Level.ERROR.toInt() + 1;

    private final ConcurrentMap<String, Logger> loggers = new ConcurrentHashMap<>();
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter diagnostics = new NOPMDCAdapter();
    private Level level = Level.INFO;

    @Override
    public void initialize() {
        String wanted = LogSettings.value(System.getenv(), LogSettings.LEVEL_PROPERTY, LogSettings.LEVEL_VARIABLE);
        for (Level one : Level.values()) {
            if (one.name().equalsIgnoreCase(wanted)) level = one;
        }
    }

    @Override
    public Logger getLogger(String name) {
        return loggers.computeIfAbsent(name, key -> new EventLogger(key, least(key)));
    }

    private int least(String name) {
        if (name.equals(REJECTED)) return NOTHING;
        return name.startsWith(NETTY) ? Math.max(level.toInt(), Level.WARN.toInt()) : level.toInt();
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return this;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return diagnostics;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }
}
