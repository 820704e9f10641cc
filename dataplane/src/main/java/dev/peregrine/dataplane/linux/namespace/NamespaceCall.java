package dev.peregrine.dataplane.linux.namespace;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import org.jspecify.annotations.Nullable;

/** Enters a namespace, runs an action there and keeps its outcome for the thread that waits. */
final class NamespaceCall<T extends @Nullable Object> implements Runnable {
    private final Entrance entrance;
    private final NetNamespace.Action<T> action;
    private @Nullable T value;
    private @Nullable Throwable failure;

    /** Moves the calling thread into a namespace, for good. */
    @FunctionalInterface
    interface Entrance {
        void enter() throws LinuxException;
    }

    NamespaceCall(Entrance entrance, NetNamespace.Action<T> action) {
        this.entrance = entrance;
        this.action = action;
    }

    @Override
    public void run() {
        try {
            entrance.enter();
            value = action.run();
        } catch (Throwable e) {
            failure = e;
        }
    }

    /** After the thread has ended. */
    @SuppressWarnings("NullAway") // The type argument decides whether the result may be null.
    T outcome() throws LinuxException {
        return switch (failure) {
            case null -> value;
            case LinuxException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError("an action throws only what it declares", failure);
        };
    }
}
