package dev.peregrine.controlplane.file;

import java.io.IOException;

/** A file of claims is not as it should be. The message says where and what, in a line. */
public final class ClaimsException extends IOException {
    private static final long serialVersionUID = 1;

    ClaimsException(String message) {
        super(message);
    }
}
