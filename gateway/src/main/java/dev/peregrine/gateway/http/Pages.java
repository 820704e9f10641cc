package dev.peregrine.gateway.http;

import dev.peregrine.gateway.metric.Exposition;
import dev.peregrine.gateway.metric.ProcessMetrics;
import dev.peregrine.gateway.metric.Samples;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pages and their contents, from when the process starts to when it has ended. */
final class Pages {
    private static final Logger log = LoggerFactory.getLogger(Pages.class);

    private final Duration patience;
    private final ProcessMetrics process = new ProcessMetrics();
    private @Nullable CompletableFuture<Samples> collection;
    private @Nullable CompletableFuture<Reply> sign;
    private volatile @Nullable Observed gateway;
    private volatile boolean draining;

    /** @param patience how long the control thread may take to answer */
    Pages(Duration patience) {
        this.patience = patience;
    }

    /** There is a gateway from now on. */
    void show(Observed started) {
        gateway = started;
    }

    /** The gateway ends: its control thread answers no more, and that is as it should be. */
    void drain() {
        draining = true;
    }

    /** The answer to a request for a path, on whatever thread completes it. */
    CompletableFuture<Reply> answer(String path, HttpHeaders headers) {
        return switch (path) {
            case "/metrics" -> metrics(headers);
            case "/healthz" -> health();
            case "/readyz" -> CompletableFuture.completedFuture(readiness());
            default ->
                CompletableFuture.completedFuture(
                        Reply.text(HttpResponseStatus.NOT_FOUND, "there is /metrics, /healthz and /readyz"));
        };
    }

    private CompletableFuture<Reply> metrics(HttpHeaders headers) {
        Observed shown = gateway;
        if (shown == null || draining) {
            return CompletableFuture.completedFuture(unavailable(shown == null ? "starting" : "draining"));
        }
        String accept = headers.get(HttpHeaderNames.ACCEPT);
        String encoding = headers.get(HttpHeaderNames.ACCEPT_ENCODING);
        return collected(shown)
                .thenApply(samples -> Reply.of(Exposition.of(samples.snapshots(process.collect()), accept, encoding)))
                .exceptionally(this::failed);
    }

    /** One collection at a time, which all get who ask meanwhile: requests must not pile up at the control thread. */
    private synchronized CompletableFuture<Samples> collected(Observed shown) {
        if (collection == null || collection.isDone()) {
            collection = asked(shown, () -> {
                Samples samples = new Samples();
                shown.metrics().collect(samples);
                return samples;
            });
        }
        return collection;
    }

    /** One question at a time, as for {@link #collected}. */
    private synchronized CompletableFuture<Reply> alive(Observed shown) {
        if (sign == null || sign.isDone()) {
            sign = asked(shown, () -> Reply.text(HttpResponseStatus.OK, "alive"));
        }
        return sign;
    }

    /** Asks on the control thread; the future completes on another one, so that the control thread goes on. */
    private <T> CompletableFuture<T> asked(Observed shown, Supplier<T> question) {
        try {
            return CompletableFuture.supplyAsync(question, shown.controlThread())
                    .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .thenApplyAsync(answer -> answer);
        } catch (RejectedExecutionException ended) {
            return CompletableFuture.failedFuture(ended);
        }
    }

    private CompletableFuture<Reply> health() {
        Observed shown = gateway;
        if (shown == null || draining) {
            String state = shown == null ? "starting" : "draining";
            return CompletableFuture.completedFuture(Reply.text(HttpResponseStatus.OK, "alive, " + state));
        }
        return alive(shown).exceptionally(this::failed);
    }

    private Reply readiness() {
        Observed shown = gateway;
        if (shown == null || draining) {
            return unavailable(shown == null ? "starting" : "draining");
        }
        String obstacle = shown.obstacle();
        return obstacle == null ? Reply.text(HttpResponseStatus.OK, "ready") : unavailable(obstacle);
    }

    private Reply failed(Throwable failure) {
        if (draining) {
            return unavailable("draining");
        }
        log.warn("a request over HTTP failed: {}", failure.toString());
        return unavailable(
                "the control thread did not answer within " + patience.toMillis() + " ms, or failed: " + failure);
    }

    private static Reply unavailable(String why) {
        return Reply.text(HttpResponseStatus.SERVICE_UNAVAILABLE, why);
    }
}
