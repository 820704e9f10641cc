package dev.peregrine.gateway.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * One event of the log.
 *
 * @param logger who says it, without package
 * @param failure null for none
 */
record LogEvent(
        Instant time,
        Level level,
        String logger,
        String thread,
        String message,
        @Nullable Throwable failure) {

    /** The stack of the failure, without the line end behind it. */
    static String stack(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString().stripTrailing();
    }
}
