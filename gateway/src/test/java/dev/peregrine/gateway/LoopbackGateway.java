package dev.peregrine.gateway;

import dev.peregrine.gateway.command.Gateway;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.MacAddress;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.ControlCommands;
import dev.peregrine.gateway.control.FdbAddition;
import dev.peregrine.gateway.control.FdbFlush;
import dev.peregrine.gateway.control.FdbKey;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
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
        return new LoopbackGateway(OverlayGateway.start(ConfigFile.load(file)));
    }

    /** Of the loopback interface, another for each process. */
    static String address() {
        long id = ProcessHandle.current().pid();
        return "127.%d.%d.%d".formatted(192 + (id >>> 16 & 0x3f), id >>> 8 & 0xff, id & 0xff);
    }

    interface Question<T> {
        T ask(ControlCommands commands) throws CommandRefused;
    }

    /** The answer of the control thread; a refusal is the cause of a {@link CompletionException}. */
    <T> T ask(Question<T> question) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return question.ask(gateway.commands());
                            } catch (CommandRefused refused) {
                                throw new CompletionException(refused);
                            }
                        },
                        gateway.controlThread())
                .join();
    }

    void add(String mac, String vtep, boolean isStatic, boolean replaces) {
        FdbAddition addition = new FdbAddition(
                key(mac), Optional.of(InetAddress.ofLiteral(vtep)), Optional.empty(), isStatic, false, replaces);
        ask(commands -> {
            commands.fdbAdd(addition);
            return true;
        });
    }

    void delete(String mac) {
        ask(commands -> {
            commands.fdbDelete(key(mac));
            return true;
        });
    }

    int flush(boolean dynamics, boolean statics) {
        FdbFlush flush = new FdbFlush(OptionalInt.empty(), Optional.empty(), Optional.empty(), dynamics, statics);
        return ask(commands -> commands.fdbFlush(flush));
    }

    private static FdbKey key(String mac) {
        return new FdbKey(Objects.requireNonNull(MacAddress.parse(mac)), VNI);
    }

    @Override
    public void close() {
        gateway.close();
    }
}
