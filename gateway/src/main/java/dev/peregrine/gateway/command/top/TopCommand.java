package dev.peregrine.gateway.command.top;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.ControlClient;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The gateway live: rates of workers, ports, flows and drops. */
@Command(
        name = "top",
        description = {
            "What the gateway does now: workers, ports, flows of the flow cache and drops, by their rates.",
            "Keys: q ends, s sorts ports and flows by bits, packets or name. Where there is no terminal, or with --once or"
                    + " --json, prints it once, after one interval, and ends.",
            "Flows are looked up in the whole cache each time; of a large one the first 10,000."
        })
public final class TopCommand implements Callable<Integer> {
    private static final double LEAST_SECONDS = 0.1;
    private static final double MOST_SECONDS = 3600;

    /** Lines of a table that nobody scrolls. */
    private static final int LINES_ONCE = 50;

    private static final int WIDTH_ONCE = 80;

    @Option(
            names = "--interval",
            paramLabel = "S",
            defaultValue = "1",
            description = "Seconds between two looks. Default: 1.")
    private double interval;

    @Option(names = "--once", description = "Print one table and end.")
    private boolean once;

    private final Globals globals;

    /** The command with the options that all commands share. */
    public TopCommand(Globals globals) {
        this.globals = globals;
    }

    @Override
    public Integer call() throws CommandFailed {
        if (!(interval >= LEAST_SECONDS && interval <= MOST_SECONDS)) {
            throw CommandFailed.usage("--interval: expected seconds from 0.1 to 3600");
        }
        try {
            ControlClient client = globals.client();
            Sample first = Sample.take(client);
            if (once || globals.json() || !Screen.isThere()) {
                printOnce(client, first);
            } else {
                watch(client, first);
            }
            return Exit.DONE;
        } catch (IOException failure) {
            throw new CommandFailed(Exit.REFUSED, "the terminal cannot be read: " + failure.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Exit.DONE;
        }
    }

    private long intervalNanos() {
        return (long) (interval * TimeUnit.SECONDS.toNanos(1));
    }

    private void printOnce(ControlClient client, Sample first) throws CommandFailed, InterruptedException {
        TimeUnit.NANOSECONDS.sleep(intervalNanos());
        Rates rates = new Rates(first, Sample.take(client));
        globals.print(
                rates.json(),
                () -> View.lines(rates, Order.BITS, WIDTH_ONCE, LINES_ONCE).forEach(globals.out()::println));
    }

    private void watch(ControlClient client, Sample first) throws IOException, InterruptedException {
        try (Screen screen = new Screen(globals.out())) {
            Order order = Order.BITS;
            Sample before = first;
            Rates rates = new Rates(first, first);
            String trouble = null;
            long due = System.nanoTime() + intervalNanos();
            while (true) {
                screen.measure();
                screen.show(lines(rates, order, trouble, screen));
                int key = screen.key(due);
                if (key == 'q') return;
                if (key == 's') order = order.next();
                if (key != 0) continue;
                due = System.nanoTime() + intervalNanos();
                try {
                    Sample now = Sample.take(client);
                    rates = new Rates(before, now);
                    before = now;
                    trouble = null;
                } catch (CommandFailed failure) {
                    trouble = failure.getMessage();
                }
            }
        }
    }

    private static List<String> lines(Rates rates, Order order, @Nullable String trouble, Screen screen) {
        List<String> lines = View.lines(rates, order, screen.width(), screen.height() - 2);
        while (lines.size() < screen.height() - 1) lines.add("");
        lines.add(Grid.cut(
                trouble == null ? "q: end   s: sort, now by " + order.text() : trouble + " (q: end)", screen.width()));
        return lines;
    }
}
