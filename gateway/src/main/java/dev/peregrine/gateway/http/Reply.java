package dev.peregrine.gateway.http;

import dev.peregrine.gateway.metric.Exposition;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/** What a request is answered with. */
record Reply(HttpResponseStatus status, Exposition content) {
    /** Some text, which gets a line end. */
    static Reply text(HttpResponseStatus status, String text) {
        byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
        return new Reply(status, new Exposition("text/plain; charset=utf-8", false, body));
    }

    /** Metrics. */
    static Reply of(Exposition metrics) {
        return new Reply(HttpResponseStatus.OK, metrics);
    }
}
