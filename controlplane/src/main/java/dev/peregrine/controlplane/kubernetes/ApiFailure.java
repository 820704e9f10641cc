package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.controlplane.http.Texts;
import java.io.IOException;
import java.time.Duration;

/** Something that the API server did not do. */
final class ApiFailure extends Exception {
    private static final long serialVersionUID = 1;

    private static final int LINE = 240;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int GONE = 410;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERRORS = 500;

    /** There was no answer. */
    private static final int NONE = 0;

    /** The answer was none. */
    private static final int GARBLED = -1;

    private final int status;
    private final transient Duration retryAfter;

    /**
     * The server said no.
     *
     * @param status of HTTP, or the code of an event of type ERROR
     * @param retryAfter how long the server wants to be left alone; zero where it does not say
     */
    ApiFailure(int status, String message, Duration retryAfter) {
        super(Texts.line(message, LINE));
        this.status = status;
        this.retryAfter = retryAfter;
    }

    /** There was no answer. */
    ApiFailure(String message) {
        this(NONE, message, Duration.ZERO);
    }

    /** As {@link #ApiFailure(String)}. */
    ApiFailure(String what, IOException cause) {
        this(what + ": " + text(cause));
        initCause(cause);
    }

    /** The answer is not what an API server would say. */
    static ApiFailure garbled(String what, IOException cause) {
        ApiFailure failure = new ApiFailure(GARBLED, what + ": " + text(cause), Duration.ZERO);
        failure.initCause(cause);
        return failure;
    }

    private static String text(Throwable cause) {
        String message = cause.getMessage();
        if (message != null) return message;
        return cause.getCause() == null ? cause.getClass().getSimpleName() : text(cause.getCause());
    }

    /** The text, as an exception's is never absent. */
    String message() {
        return String.valueOf(getMessage());
    }

    Duration retryAfter() {
        return retryAfter;
    }

    /** Whether credentials or rights are missing. */
    boolean isRefusal() {
        return status == UNAUTHORIZED || status == FORBIDDEN;
    }

    boolean isNotFound() {
        return status == NOT_FOUND;
    }

    /** Whether there is such an object already. */
    boolean isConflict() {
        return status == CONFLICT;
    }

    /** Whether the server has forgotten the version that it was asked for. */
    boolean isGone() {
        return status == GONE;
    }

    /** Whether there was no answer, or it broke off. */
    boolean isSilence() {
        return status == NONE;
    }

    /** Whether the server does not take this one request, while it may take others. */
    boolean isOfThisRequest() {
        return status > NONE && status < SERVER_ERRORS && status != TOO_MANY_REQUESTS && !isRefusal();
    }
}
