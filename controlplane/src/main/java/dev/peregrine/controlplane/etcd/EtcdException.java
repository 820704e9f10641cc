package dev.peregrine.controlplane.etcd;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** etcd answered with an error. */
final class EtcdException extends IOException {
    private static final long serialVersionUID = 1L;

    // gRPC's status codes
    static final int INVALID_ARGUMENT = 3;
    static final int NOT_FOUND = 5;
    static final int PERMISSION_DENIED = 7;
    static final int FAILED_PRECONDITION = 9;
    static final int UNAUTHENTICATED = 16;

    /** Not one of gRPC's: the answer was not etcd's, or a file on this side is wrong. */
    static final int OTHER = -1;

    private final int code;
    private final boolean refusal;

    private EtcdException(int code, boolean refusal, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.refusal = refusal;
    }

    /** An error of etcd, by its code. */
    static EtcdException of(int code, String message) {
        boolean refusal = code == INVALID_ARGUMENT || code == PERMISSION_DENIED || code == UNAUTHENTICATED;
        return new EtcdException(code, refusal, message + " (code " + code + ")", null);
    }

    /** A fault that only an operator can mend. */
    static EtcdException refusal(String message, @Nullable Throwable cause) {
        return new EtcdException(OTHER, true, message, cause);
    }

    int code() {
        return code;
    }

    /** Whether it is there and refuses us. */
    boolean isRefusal() {
        return refusal;
    }
}
