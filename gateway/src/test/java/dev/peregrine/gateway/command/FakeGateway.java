package dev.peregrine.gateway.command;

import dev.peregrine.gateway.control.FakeNouns;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.metric.Metric;
import dev.peregrine.gateway.metric.MetricSource;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A gateway that carries nothing; as a program of its own, for what only a process can show. */
final class FakeGateway implements Gateway {
    private final CompletableFuture<Void> ready;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final ExecutorService control = Executors.newSingleThreadExecutor();
    private final FakeNouns nouns = new FakeNouns();
    private final AtomicLong progress = new AtomicLong();
    private final AtomicLong asked = new AtomicLong();

    /** One that is ready. */
    FakeGateway() {
        this(CompletableFuture.completedFuture(null));
    }

    FakeGateway(CompletableFuture<Void> ready) {
        this.ready = ready;
    }

    static void main(String... arguments) {
        Cli cli = new Cli(
                file -> new FakeGateway(),
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        System.exit(cli.execute(arguments));
    }

    @Override
    public String summary() {
        return "198.18.0.2 port 4789";
    }

    @Override
    public List<Noun> nouns() {
        return nouns.list();
    }

    @Override
    public @Nullable String obstacle() {
        return ready.isDone() ? null : "waiting";
    }

    @Override
    public MetricSource metrics() {
        return samples -> samples.add(Metric.READY, 1);
    }

    @Override
    public ExecutorService controlThread() {
        return control;
    }

    @Override
    public void awaitWorkers() {}

    @Override
    public Liveness liveness() {
        return new Liveness() {
            @Override
            public long progress() {
                asked.incrementAndGet();
                return progress.get();
            }

            @Override
            public CompletableFuture<Void> workersAnswer() {
                return CompletableFuture.completedFuture(null);
            }
        };
    }

    /** How often somebody asked how far it is. */
    long asked() {
        return asked.get();
    }

    /** The control thread has come further. */
    void advance() {
        progress.incrementAndGet();
    }

    @Override
    public CompletableFuture<Void> ready() {
        return ready;
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    @Override
    public void hangUp() {
        System.err.println("hung up");
    }

    @Override
    public void close() {
        control.shutdown();
        System.err.println("drained");
        ended.complete(null);
    }
}
