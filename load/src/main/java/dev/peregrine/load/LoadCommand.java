package dev.peregrine.load;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Terminal;
import java.io.IOException;
import java.util.concurrent.Callable;

/** A command that runs until it is done or SIGINT comes, and then prints its totals. */
public abstract class LoadCommand implements Callable<Integer> {
    /** Where it prints. */
    protected final Terminal terminal;

    /** A command whose options picocli sets. */
    protected LoadCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public final Integer call() throws CommandFailed {
        try (StopSignal stop = StopSignal.install()) {
            run(stop);
            return Exit.DONE;
        } catch (IOException failure) {
            throw new CommandFailed(Exit.REFUSED, String.valueOf(failure.getMessage()));
        }
    }

    /**
     * Runs to the end.
     *
     * @param stop asks for the end
     */
    protected abstract void run(StopSignal stop) throws IOException, CommandFailed;

    /** Refuses options that do not fit. */
    protected static void require(boolean holds, String message) throws CommandFailed {
        if (!holds) throw new CommandFailed(Exit.USAGE, message);
    }
}
