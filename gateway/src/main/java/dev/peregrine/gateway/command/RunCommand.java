package dev.peregrine.gateway.command;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.Room;
import dev.peregrine.gateway.config.model.HttpConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.control.ControlServer;
import dev.peregrine.gateway.control.Version;
import dev.peregrine.gateway.http.HttpServer;
import dev.peregrine.gateway.log.Log;
import dev.peregrine.gateway.log.LogFormat;
import dev.peregrine.gateway.log.LogSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The gateway in the foreground, from its start to SIGTERM. SIGHUP has it read its file again. */
@Command(
        name = "run",
        description = {
            "Runs the gateway in the foreground: run --config FILE. Prints a line that starts with \"ready\" when traffic flows: an"
                    + " underlay whose interface or address is not there yet is waited for.",
            "SIGTERM drains, cleans up and ends with 0. SIGHUP reads FILE again, as reload does. The log goes to stderr; its level is -Dpg.log or"
                    + " PEREGRINE_LOG: error, warn, info, debug or trace."
        })
final class RunCommand implements Callable<Integer> {
    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            description = "How the log is written. Default: PEREGRINE_LOG_FORMAT, else text.")
    private @Nullable LogFormat logFormat;

    private final Globals globals;
    private final GatewayLauncher launcher;
    private final Map<String, String> environment;

    RunCommand(Globals globals, GatewayLauncher launcher, Map<String, String> environment) {
        this.globals = globals;
        this.launcher = launcher;
        this.environment = environment;
    }

    @Override
    public Integer call() throws CommandFailed {
        String wrong = LogSettings.problem(environment, logFormat != null);
        if (wrong != null) throw new CommandFailed(Exit.USAGE, wrong);
        if (logFormat != null) Log.get().format(logFormat);
        try {
            ConfigFile file = ConfigFile.load(globals.requiredConfig());
            file.check(Room.left());
            warn(file.warnings());
            return run(file);
        } catch (BadConfig bad) {
            throw new CommandFailed(Exit.USAGE, String.valueOf(bad.getMessage()));
        } catch (IOException failure) {
            throw new CommandFailed(Exit.REFUSED, String.valueOf(failure.getMessage()));
        }
    }

    /** As lines for people, or as events where a program reads what comes. */
    private void warn(List<String> warnings) {
        if (Log.get().format() == LogFormat.JSON) {
            Logger log = LoggerFactory.getLogger(RunCommand.class);
            warnings.forEach(warning -> log.warn("{}", warning));
            return;
        }
        warnings.forEach(globals.err()::println);
        globals.err().flush();
    }

    private int run(ConfigFile file) throws BadConfig, IOException, CommandFailed {
        Path socket = globals.givenSocket();
        if (socket == null) socket = file.config().control().socket();
        log().info(
                        "peregrine {} starts: configuration {}, control socket {}, pid {}, network namespace {}",
                        Version.text(),
                        globals.requiredConfig().toAbsolutePath().normalize(),
                        socket,
                        ProcessHandle.current().pid(),
                        NetNamespace.ownLabel());
        try (ServiceNotifier service = ServiceNotifier.of(environment);
                HttpServer http = http(file.config().control().http());
                Gateway gateway = launcher.start(file);
                ControlServer server = ControlServer.start(socket, gateway.nouns(), gateway.controlThread())) {
            if (http != null) http.show(gateway);
            Thread terminated = new Thread(() -> end(gateway, server, http, service), "terminated");
            Runtime.getRuntime().addShutdownHook(terminated);
            Hangup.run(() -> service.reload(gateway));
            CompletableFuture<Void> told = gateway.ready().thenRun(() -> {
                String summary = gateway.summary();
                service.ready(summary);
                globals.out().println("ready " + summary);
                globals.out().flush();
                log().info("ready: {}", gateway.summary());
            });
            service.watch(gateway);
            if (!told.isDone()) {
                service.status("waiting for the underlay");
                globals.err().println("waiting for the underlay: see the log, or peregrine status");
                globals.err().flush();
            }
            awaitEnd(gateway, terminated);
        }
        return Exit.DONE;
    }

    /**
     * Serves metrics and health from before the gateway starts; null where that is off, or not needed and not possible.
     */
    private static @Nullable HttpServer http(HttpConfig config) throws IOException {
        if (config.address().isEmpty()) return null;
        try {
            HttpServer http = HttpServer.start(config.address().get());
            log().info("metrics at http://{}/metrics", AddressText.of(http.address()));
            return http;
        } catch (IOException failure) {
            if (config.required()) throw failure;
            log().warn("no metrics over HTTP: {}", failure.getMessage());
            return null;
        }
    }

    /** Made late: most commands need none. */
    private static Logger log() {
        return LoggerFactory.getLogger(RunCommand.class);
    }

    private static void awaitEnd(Gateway gateway, Thread terminated) throws CommandFailed {
        try {
            gateway.ended().get();
        } catch (ExecutionException failure) {
            throw new CommandFailed(Exit.REFUSED, "the gateway cannot go on: " + failure.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            withdraw(terminated);
        }
    }

    /** When the process is ending already, the hook owns what is left to do: stay out of its way. */
    private static void withdraw(Thread terminated) {
        try {
            Runtime.getRuntime().removeShutdownHook(terminated);
        } catch (IllegalStateException ending) {
            try {
                terminated.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A JVM that is ended by a signal exits with 143; halting says 0 once all is cleaned up. */
    private static void end(Gateway gateway, ControlServer server, @Nullable HttpServer http, ServiceNotifier service) {
        Logger log = log();
        int exit = Exit.DONE;
        log.info("{}: stopping", endingSignal());
        try {
            service.stopping(gateway);
            if (http != null) http.drain();
            server.close();
            gateway.close();
        } catch (RuntimeException failure) {
            log.error("the gateway did not end cleanly", failure);
            exit = Exit.REFUSED;
        }
        Runtime.getRuntime().halt(exit);
    }

    /** The signal that ends the process: the JVM handles each in a thread that has its name. */
    private static String endingSignal() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.matches("SIG[A-Z]+ handler"))
                .map(name -> name.substring(0, name.indexOf(' ')))
                .findFirst()
                .orElse("the process ends");
    }
}
