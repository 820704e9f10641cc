package dev.peregrine.gateway.control;

import org.jspecify.annotations.Nullable;

/**
 * A command or a question to a gateway.
 *
 * @param name its words, such as {@code fdb list}
 * @param request the arguments by name: Jackson reads them into this record. A request that has others is refused, and
 *     so is one for which the record's constructor throws an {@link IllegalArgumentException}; its message is the
 *     answer. The command line makes the same record, so the constructor refuses only what the command line has seen to
 *     itself
 * @param action runs the command
 */
public record Command<R extends Record>(String name, Class<R> request, Action<R> action) {

    /** The arguments of a command that has none. */
    public record Nothing() {}

    /** A command as such. Called on the control thread alone, one at a time. */
    public interface Action<R> {
        /** The result, which Jackson writes: mostly a record or a list of them; null for none. */
        @Nullable
        Object run(R request) throws CommandRefused;
    }

    /** A command without a result. Called as an {@link Action}. */
    public interface Change<R> {
        void run(R request) throws CommandRefused;
    }

    /** A command with arguments. */
    public static <R extends Record> Command<R> of(String name, Class<R> request, Action<R> action) {
        return new Command<>(name, request, action);
    }

    /** A command with arguments and without a result. */
    public static <R extends Record> Command<R> change(String name, Class<R> request, Change<R> change) {
        return new Command<>(name, request, arguments -> {
            change.run(arguments);
            return null;
        });
    }

    /** A command without arguments. */
    public static Command<Nothing> of(String name, Action<Nothing> action) {
        return new Command<>(name, Nothing.class, action);
    }
}
