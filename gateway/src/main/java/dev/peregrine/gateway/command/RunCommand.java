package dev.peregrine.gateway.command;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.Room;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.control.ControlServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

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
    private final Globals globals;
    private final GatewayLauncher launcher;

    RunCommand(Globals globals, GatewayLauncher launcher) {
        this.globals = globals;
        this.launcher = launcher;
    }

    @Override
    public Integer call() throws CommandFailed {
        try {
            ConfigFile file = ConfigFile.load(globals.requiredConfig());
            file.check(Room.left());
            file.warnings().forEach(globals.err()::println);
            globals.err().flush();
            return run(file);
        } catch (BadConfig bad) {
            throw new CommandFailed(Exit.USAGE, String.valueOf(bad.getMessage()));
        } catch (IOException failure) {
            throw new CommandFailed(Exit.REFUSED, String.valueOf(failure.getMessage()));
        }
    }

    private int run(ConfigFile file) throws BadConfig, IOException, CommandFailed {
        Path socket = globals.givenSocket();
        if (socket == null) socket = file.config().control().socket();
        try (Gateway gateway = launcher.start(file);
                ControlServer server = ControlServer.start(socket, gateway.nouns(), gateway.controlThread())) {
            Thread terminated = new Thread(() -> end(gateway, server), "terminated");
            Runtime.getRuntime().addShutdownHook(terminated);
            Hangup.run(gateway::hangUp);
            CompletableFuture<Void> told = gateway.ready().thenRun(() -> {
                globals.out().println("ready " + gateway.summary());
                globals.out().flush();
            });
            if (!told.isDone()) {
                globals.err().println("waiting for the underlay: see the log, or peregrine status");
                globals.err().flush();
            }
            awaitEnd(gateway, terminated);
        }
        return Exit.DONE;
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
    private static void end(Gateway gateway, ControlServer server) {
        Logger log = LoggerFactory.getLogger(RunCommand.class);
        int exit = Exit.DONE;
        try {
            server.close();
            gateway.close();
        } catch (RuntimeException failure) {
            log.error("the gateway did not end cleanly", failure);
            exit = Exit.REFUSED;
        }
        Runtime.getRuntime().halt(exit);
    }
}
