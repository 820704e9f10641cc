package dev.peregrine.gateway.http;

import dev.peregrine.gateway.metric.Exposition;
import io.netty.handler.codec.http.HttpResponseStatus;

/** The answer to a request. */
record Reply(HttpResponseStatus status, Exposition content) {
    /** Some text, which gets a line end. */
    static Reply text(HttpResponseStatus status, String text) {
        return new Reply(status, Exposition.text(text));
    }

    /** Metrics. */
    static Reply of(Exposition metrics) {
        return new Reply(HttpResponseStatus.OK, metrics);
    }
}
