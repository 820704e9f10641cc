package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.ControlStream;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** Takes the lines of a command that goes on until it ends, also by Ctrl-C, and says then what was missed. */
final class Follow {
    /** The system's text for EPIPE, which is all that Java tells of it. */
    static final String READERS_END = "Broken pipe";

    private final Globals globals;
    private final String what;
    private final AtomicLong count = new AtomicLong();
    private volatile long missed;

    /** Takes lines with packets. */
    interface Taker {
        /**
         * Takes a line; returns how many packets were in it.
         *
         * @throws IOException when nobody reads any more, which is a good end
         * @throws CommandFailed when they cannot be written
         */
        long take(JsonNode line) throws IOException, CommandFailed;

        /** Called before the first line, when the gateway has begun. */
        default void begin() throws CommandFailed {}
    }

    /** @param what is counted: {@code packets} or {@code frames} */
    Follow(Globals globals, String what) {
        this.globals = globals;
        this.what = what;
    }

    /** Takes all lines, and then says how it ended. */
    int run(String command, Record request, Taker taker) throws CommandFailed {
        try (ControlStream stream = globals.client().open(command, request)) {
            taker.begin();
            JsonNode limits = stream.result();
            globals.err()
                    .println(command + ": at most " + limits.path("count").asText() + " " + what + " and "
                            + limits.path("seconds").asText() + " s; Ctrl-C ends it");
            globals.err().flush();
            Thread interrupted = new Thread(() -> summarize("interrupted"), "interrupted");
            Runtime.getRuntime().addShutdownHook(interrupted);
            try {
                summarize(follow(stream, taker));
            } finally {
                withdraw(interrupted);
            }
            return Exit.DONE;
        }
    }

    private String follow(ControlStream stream, Taker taker) throws CommandFailed {
        while (true) {
            JsonNode line;
            try {
                line = stream.next();
            } catch (IOException failure) {
                throw new CommandFailed(Exit.NO_GATEWAY, "the gateway went away: " + failure.getMessage());
            }
            missed = line.path("missed").asLong(missed);
            if (line.has("end")) return line.path("end").asText();
            try {
                count.addAndGet(taker.take(line));
            } catch (IOException failure) {
                if (READERS_END.equals(failure.getMessage())) return "closed"; // as by head, or the end of tcpdump
                throw new CommandFailed(Exit.REFUSED, "the output cannot be written: " + failure.getMessage());
            }
        }
    }

    private static void withdraw(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // It has run, or runs now.
        }
    }

    private void summarize(String end) {
        globals.out().flush();
        String why = switch (end) {
            case "count" -> "";
            case "time" -> "; its time is over (--seconds)";
            case "stopped" -> "; the gateway ended it";
            default -> "";
        };
        globals.err().println(count + " " + what + ", " + missed + " missed" + why);
        globals.err().flush();
    }
}
