package dev.peregrine.gateway.log;

import dev.peregrine.gateway.log.RepeatLimit.Kind;
import dev.peregrine.gateway.log.RepeatLimit.Rest;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Where all events go. Any thread may write; the lines of two events are never mixed.
 *
 * <p>Of one kind, {@link #MOST_A_MINUTE} pass in a minute; how many more there were is told at its end. Lines below the
 * level {@code info} always pass, since their reader looks for something, and so does what the rules of policies log,
 * which have limits of their own.
 */
public final class Log {
    /** Events of one kind that pass in a minute. */
    public static final int MOST_A_MINUTE = 100;

    /** Does not have the limit. */
    private static final String POLICY = "dev.peregrine.policy";

    private static final Log THE_ONE = new Log(
            System.err,
            LogSettings.value(System.getenv(), LogSettings.FORMAT_PROPERTY, LogSettings.FORMAT_VARIABLE),
            TimeUnit.MINUTES.toNanos(1),
            System::nanoTime);

    private final PrintStream out;
    private final long minuteNanos;
    private final LongSupplier clock;
    private final RepeatLimit limit;
    private volatile LogFormat format = LogFormat.TEXT;
    private @Nullable ScheduledExecutorService timer;

    Log(PrintStream out, String format, long minuteNanos, LongSupplier clock) {
        this.out = out;
        this.minuteNanos = minuteNanos;
        this.clock = clock;
        limit = new RepeatLimit(MOST_A_MINUTE, minuteNanos);
        if (format.toUpperCase(Locale.ROOT).equals(LogFormat.JSON.name())) this.format = LogFormat.JSON;
    }

    /** That of the program. */
    public static Log get() {
        return THE_ONE;
    }

    /** How events are written. */
    public LogFormat format() {
        return format;
    }

    /** Sets how events are written from now on. */
    public void format(LogFormat next) {
        format = next;
    }

    /**
     * Writes an event, unless there were too many like it.
     *
     * @param kind its message before anything was put into its places
     */
    void write(Level level, String logger, String kind, String message, @Nullable Throwable failure) {
        LogEvent event = new LogEvent(
                Instant.now(), level, shortName(logger), Thread.currentThread().getName(), message, failure);
        if (level.toInt() < Level.INFO.toInt() || logger.equals(POLICY)) {
            print(event);
            return;
        }
        synchronized (this) {
            tellRest();
            if (limit.passes(new Kind(level, logger, kind), clock.getAsLong())) {
                print(event);
            } else if (timer == null) {
                timer = Executors.newSingleThreadScheduledExecutor(Log::thread);
                var _ = timer.scheduleWithFixedDelay(this::tellRest, minuteNanos, minuteNanos, TimeUnit.NANOSECONDS);
            }
        }
    }

    private static Thread thread(Runnable run) {
        Thread thread = new Thread(run, "log");
        thread.setDaemon(true);
        return thread;
    }

    private synchronized void tellRest() {
        for (Rest rest : limit.ended(clock.getAsLong())) {
            String message = "and " + rest.events() + " more within a minute: "
                    + rest.kind().message();
            print(new LogEvent(
                    Instant.now(),
                    rest.kind().level(),
                    shortName(rest.kind().logger()),
                    Thread.currentThread().getName(),
                    message,
                    null));
        }
    }

    private static String shortName(String logger) {
        return logger.substring(logger.lastIndexOf('.') + 1);
    }

    /** One call, so that other writers to the stream do not get between. */
    private void print(LogEvent event) {
        out.print(format.line(event) + "\n");
        out.flush();
    }
}
