package dev.peregrine.gateway.control;

/** A request that is not of the protocol; the message says what was expected. */
final class BadRequest extends Exception {
    private static final long serialVersionUID = 1L;

    BadRequest(String message) {
        super(message);
    }
}
