package dev.peregrine.gateway.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** A logger that writes to {@link Log} what has at least a level. */
final class EventLogger extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1L;

    /** Of the least level that is written; more than that of any for none. */
    private final int least;

    EventLogger(String name, int least) {
        this.name = name;
        this.least = least;
    }

    private boolean isOn(Level level) {
        return level.toInt() >= least;
    }

    @Override
    public boolean isTraceEnabled() {
        return isOn(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return isOn(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return isOn(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return isOn(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return isOn(Level.ERROR);
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level,
            @Nullable Marker marker,
            @Nullable String pattern,
            Object @Nullable [] arguments,
            @Nullable Throwable failure) {
        String kind = String.valueOf(pattern);
        String message = String.valueOf(MessageFormatter.basicArrayFormat(kind, arguments));
        Log.get().write(level, name, kind, message, failure);
    }
}
