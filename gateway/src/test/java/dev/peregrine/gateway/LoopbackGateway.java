package dev.peregrine.gateway;

import dev.peregrine.gateway.command.Gateway;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.Command.Nothing;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.request.FdbAddition;
import dev.peregrine.gateway.control.request.FdbFlush;
import dev.peregrine.gateway.control.request.FdbKey;
import dev.peregrine.gateway.metric.Samples;
import dev.peregrine.gateway.noun.FdbCommands;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A gateway with VNI 42 and a socket port on the loopback interface, which takes no privileges, and commands to it. */
final class LoopbackGateway implements AutoCloseable {
    static final String OF_PORT = "02:00:00:00:00:01";
    static final String OF_FILE = "02:00:00:00:00:02";
    static final String REMOTE = "127.0.64.2";
    static final String OTHER_REMOTE = "127.0.64.3";
    static final int PORT = 4789;
    static final int VNI = 42;

    private final Gateway gateway;

    private LoopbackGateway(Gateway gateway) {
        this.gateway = gateway;
    }

    /**
     * With a static entry for {@link #OF_FILE} behind {@link #REMOTE}.
     *
     * @param allow networks of {@code underlay.allow}, or {@code auto}
     * @param flood VTEPs, separated by commas
     */
    static LoopbackGateway start(Path folder, String allow, String flood) throws Exception {
        String yaml = """
                underlay: {local: %s, port: %d, allow: %s}
                workers: {count: 1, idle: block}
                vnis:
                  - vni: %d
                    flood: [%s]
                    fdb: [{mac: "%s", vtep: %s}]
                    ports:
                      - {name: web, type: socket, listen: "198.19.0.9:9000", mac: "%s", deliver: "unix:%s/app.sock"}
                """.formatted(address(), PORT, allow, VNI, flood, OF_FILE, REMOTE, OF_PORT, folder);
        Path file = Files.writeString(folder.resolve("gateway.yaml"), yaml);
        return start(ConfigFile.load(file));
    }

    /** With a configuration of its own. */
    static LoopbackGateway start(ConfigFile file) throws Exception {
        return new LoopbackGateway(Main.start(file));
    }

    /** Of the loopback interface, another for each process. */
    static String address() {
        long id = ProcessHandle.current().pid();
        return "127.%d.%d.%d".formatted(192 + (id >>> 16 & 0x3f), id >>> 8 & 0xff, id & 0xff);
    }

    /** The answer of the control thread to a command without arguments; otherwise as the other one. */
    Object ask(Class<? extends Noun> noun, String command) {
        return ask(noun, command, new Nothing());
    }

    /**
     * The answer of the control thread, or {@code "done"} for none; a refusal is the cause of a
     * {@link CompletionException}.
     */
    Object ask(Class<? extends Noun> noun, String name, Record request) {
        Command<?> command = gateway.nouns().stream()
                .filter(noun::isInstance)
                .flatMap(its -> its.commands().stream())
                .filter(its -> its.name().equals(name))
                .findFirst()
                .orElseThrow();
        return CompletableFuture.supplyAsync(() -> run(command, request), gateway.controlThread())
                .join();
    }

    private static <R extends Record> Object run(Command<R> command, Record request) {
        try {
            return Objects.requireNonNullElse(
                    command.action().run(command.request().cast(request)), "done");
        } catch (CommandRefused refused) {
            throw new CompletionException(refused);
        }
    }

    /** The rows of a list without arguments. */
    <T> List<T> list(Class<? extends Noun> noun, String command, Class<T> row) {
        return rows(ask(noun, command), row);
    }

    /** An answer that is rows. */
    static <T> List<T> rows(Object answer, Class<T> row) {
        return ((List<?>) answer).stream().map(row::cast).toList();
    }

    /** The metrics, as they are now. */
    MetricSnapshots metrics() {
        return CompletableFuture.supplyAsync(
                        () -> {
                            Samples samples = new Samples();
                            gateway.metrics().collect(samples);
                            return samples.snapshots(new MetricSnapshots());
                        },
                        gateway.controlThread())
                .join();
    }

    void add(String mac, String vtep, boolean isStatic, boolean replaces) {
        FdbKey key = key(mac);
        ask(
                FdbCommands.class,
                replaces ? "fdb replace" : "fdb add",
                new FdbAddition(key.mac(), key.vni(), InetAddress.ofLiteral(vtep), null, isStatic, false));
    }

    void delete(String mac) {
        ask(FdbCommands.class, "fdb del", key(mac));
    }

    Object flush(boolean dynamics, boolean statics) {
        return ask(FdbCommands.class, "fdb flush", new FdbFlush(null, null, null, dynamics, statics));
    }

    private static FdbKey key(String mac) {
        return new FdbKey(Objects.requireNonNull(MacAddress.parse(mac)), new Vni(VNI));
    }

    @Override
    public void close() {
        gateway.close();
    }
}
