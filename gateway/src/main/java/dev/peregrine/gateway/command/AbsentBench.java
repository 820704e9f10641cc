package dev.peregrine.gateway.command;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Stands for {@code bench} where the benchmarks are not on the class path: the product does not have them. */
@Command(
        name = "bench",
        description = "Runs experiments on a gateway in memory. Not in this installation: a checkout of the project has"
                + " them, as scripts/peregrine bench.")
final class AbsentBench implements Callable<Integer> {

    /** The command, which takes any words and options, so that its answer is the same with all of them. */
    static CommandLine create() {
        return new CommandLine(new AbsentBench()).setUnmatchedArgumentsAllowed(true);
    }

    @Override
    public Integer call() throws CommandFailed {
        throw new CommandFailed(
                Exit.USAGE,
                "bench is not in this installation; a checkout of the project has it: scripts/peregrine bench");
    }
}
