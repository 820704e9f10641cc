package dev.peregrine.controlplane.evpn;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches bgpd and zebra by connections to their terminals, and asks bgpd for its sessions. Nothing here waits. One
 * thread.
 */
final class FrrDaemons implements AutoCloseable {
    private static final long FIRST_PAUSE_NANOS = 200_000_000L;
    private static final long LAST_PAUSE_NANOS = 5_000_000_000L;
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    /** Is told what is seen. */
    interface Watch {
        /** An answer about the sessions. */
        void sessions(Sessions sessions);

        /** An answer about the completeness of their first routes. */
        void complete(boolean complete);

        /** A daemon cannot be reached, has ended, or does not answer. */
        void unreachable(boolean forbidden, String why);
    }

    /** One command at a time is on its way. */
    private enum Question {
        NONE,
        SESSIONS,
        COMPLETE
    }

    private final Path folder;
    private final LongSupplier clock;
    private @Nullable VtyConnection bgpd;
    private @Nullable VtyConnection zebra;
    private Question question = Question.NONE;
    private long askedAt;
    private long nextTry;
    private long pause = FIRST_PAUSE_NANOS;

    FrrDaemons(Path folder, LongSupplier clock) {
        this.folder = folder;
        this.clock = clock;
        nextTry = clock.getAsLong();
    }

    boolean isConnected() {
        return bgpd != null && zebra != null;
    }

    boolean isAsking() {
        return question != Question.NONE;
    }

    /** Asks bgpd how its sessions are, unless a question is on its way; returns whether it was asked. */
    boolean askSessions(Watch watch) {
        return ask(Question.SESSIONS, Sessions.COMMAND, watch);
    }

    /** As {@link #askSessions}, whether their first routes are complete. */
    boolean askComplete(Watch watch) {
        return ask(Question.COMPLETE, Sessions.COMPLETE_COMMAND, watch);
    }

    private boolean ask(Question next, String command, Watch watch) {
        if (bgpd == null || zebra == null || question != Question.NONE) {
            return false;
        }
        try {
            bgpd.send(command);
            question = next;
            askedAt = clock.getAsLong();
            return true;
        } catch (IOException e) {
            lose("bgpd", e, watch);
            return false;
        }
    }

    /** Connects where it is due, and passes on what has come. */
    void poll(Watch watch) {
        if (!isConnected()) {
            if (clock.getAsLong() - nextTry >= 0) {
                connect(watch);
            }
            return;
        }
        pollBgpd(watch);
        if (zebra != null) {
            try {
                zebra.poll();
            } catch (IOException e) {
                lose("zebra", e, watch);
            }
        }
    }

    private void connect(Watch watch) {
        String daemon = "bgpd";
        try {
            bgpd = VtyConnection.open(socket(daemon));
            daemon = "zebra";
            zebra = VtyConnection.open(socket(daemon));
            pause = FIRST_PAUSE_NANOS;
        } catch (IOException e) {
            lose(daemon, e, watch);
        }
    }

    private void pollBgpd(Watch watch) {
        VtyConnection connection = bgpd;
        if (connection == null) {
            return;
        }
        try {
            String answer = connection.poll();
            if (answer != null) {
                answered(answer, watch);
            } else if (isAsking() && clock.getAsLong() - askedAt > PATIENCE_NANOS) {
                throw new IOException("it has not answered for " + PATIENCE_NANOS / 1_000_000_000L + " s");
            }
        } catch (IOException e) {
            lose("bgpd", e, watch);
        }
    }

    private void answered(String answer, Watch watch) throws IOException {
        Question answered = question;
        question = Question.NONE;
        if (answered == Question.SESSIONS) {
            watch.sessions(Sessions.parse(answer));
        } else if (answered == Question.COMPLETE) {
            watch.complete(Sessions.isComplete(answer));
        }
    }

    private void lose(String daemon, IOException e, Watch watch) {
        close();
        nextTry = clock.getAsLong() + pause;
        pause = Math.min(2 * pause, LAST_PAUSE_NANOS);
        Path socket = socket(daemon);
        boolean forbidden = e instanceof AccessDeniedException || isForbidden(e);
        String why = !Files.exists(socket)
                ? socket + " is not there: start it (systemctl start frr; " + daemon + "=yes in /etc/frr/daemons)"
                : forbidden ? socket + " may not be used: add the user to group frrvty" : daemon + ": " + message(e);
        watch.unreachable(forbidden, why);
    }

    private static boolean isForbidden(IOException e) {
        return message(e).contains("Permission denied");
    }

    private static String message(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    private Path socket(String daemon) {
        return folder.resolve(daemon + ".vty");
    }

    @Override
    public void close() {
        question = Question.NONE;
        if (bgpd != null) {
            bgpd.close();
            bgpd = null;
        }
        if (zebra != null) {
            zebra.close();
            zebra = null;
        }
    }
}
