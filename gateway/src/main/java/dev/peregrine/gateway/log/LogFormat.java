package dev.peregrine.gateway.log;

import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;

/** How events are written. */
public enum LogFormat {
    /** For people: time, thread, level, logger and message; a failure's stack on the lines that follow. */
    TEXT {
        @Override
        String line(LogEvent event) {
            StringBuilder line = new StringBuilder();
            TIME.formatTo(event.time(), line);
            line.append(" [").append(event.thread()).append("] ").append(event.level());
            line.append(' ').append(event.logger()).append(" - ");
            escape(event.message(), line);
            if (event.failure() != null) line.append('\n').append(LogEvent.stack(event.failure()));
            return line.toString();
        }
    },

    /** For programs: an object on a line. */
    JSON {
        @Override
        String line(LogEvent event) {
            StringBuilder line = new StringBuilder("{\"time\":\"");
            TIME.formatTo(event.time(), line);
            line.append('"');
            field("level", event.level().toString().toLowerCase(Locale.ROOT), line);
            field("logger", event.logger(), line);
            field("thread", event.thread(), line);
            field("message", event.message(), line);
            if (event.failure() != null) {
                field("error", event.failure().toString(), line);
                field("stack", LogEvent.stack(event.failure()), line);
            }
            return line.append('}').toString();
        }
    };

    /** In UTC, with milliseconds always. */
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    /** The event as one line, without a line end; with {@link #TEXT} and a failure as several. */
    abstract String line(LogEvent event);

    private static void field(String name, String value, StringBuilder line) {
        line.append(",\"").append(name).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') line.append('\\').append(c);
            else escape(c, line);
        }
        line.append('"');
    }

    private static void escape(String text, StringBuilder line) {
        for (int i = 0; i < text.length(); i++) escape(text.charAt(i), line);
    }

    /**
     * Control characters, as JSON writes them: an event stays on its line, and a terminal shows what came from outside.
     */
    private static void escape(char c, StringBuilder line) {
        switch (c) {
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> {
                if (Character.isISOControl(c) || Character.isSurrogate(c)) {
                    line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                } else {
                    line.append(c);
                }
            }
        }
    }
}
