package dev.peregrine.gateway.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Stands for {@code bench} where the benchmarks are not on the class path: the product does not have them. */
@Command(
        name = "bench",
        description = "Runs experiments on a gateway in memory. Not in this installation: a checkout of the project has"
                + " them, as scripts/peregrine bench.")
final class AbsentBench implements Callable<Integer> {
    /** All that {@code bench} understands, so that the answer is the same with options. */
    @Unmatched
    private @Nullable List<String> words;

    @Override
    public Integer call() throws CommandFailed {
        throw new CommandFailed(
                Exit.USAGE,
                "bench is not in this installation; a checkout of the project has it: scripts/peregrine bench");
    }
}
