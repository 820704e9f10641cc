package dev.peregrine.bench.wire;

import dev.peregrine.bench.report.Numbers;
import dev.peregrine.bench.report.Progress;
import dev.peregrine.bench.wire.lab.Checkouts;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Installation;
import dev.peregrine.bench.wire.lab.Lab;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.report.ResultFolder;
import dev.peregrine.bench.wire.report.Sample;
import dev.peregrine.bench.wire.row.Plan;
import dev.peregrine.bench.wire.row.Row;
import dev.peregrine.bench.wire.row.Rows;
import dev.peregrine.dataplane.testing.live.LabError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Carries out a plan. Every contender has a lab of its own, all at the same time; those that are not measured are
 * paused. So rounds interleave (A B C A B C …) without restarts, and a JVM stays warm.
 */
final class Bench implements AutoCloseable {
    private final Plan plan;
    private final Checkouts checkouts;
    private final Path work;
    private final String prefix;
    private final ResultFolder files;
    private final Progress progress;
    private final List<Lab> labs = new ArrayList<>();
    private final Map<Contender, Entrant> entrants = new LinkedHashMap<>();

    /**
     * A run that has not begun.
     *
     * @param files has the plan, and gets the results
     * @param checkouts of this project and, optionally, of another state of it
     * @param work the folder of temporary files
     * @param prefix of the names of the labs
     */
    Bench(ResultFolder files, Checkouts checkouts, Path work, String prefix, Progress progress) {
        this.plan = files.plan();
        this.files = files;
        this.checkouts = checkouts;
        this.work = work;
        this.prefix = prefix;
        this.progress = progress;
    }

    /** @throws IOException if nothing more can be measured */
    void run() throws IOException {
        if (plan.rows().contains(Rows.PING) && !Ends.pingsOverIpv4()) {
            files.results().note("This machine's kernel answers no pings over IPv4: they are over IPv6.");
        }
        for (Mode mode : plan.modes()) {
            if (plan.measurements(mode) > 0) {
                install(mode);
                warmUp(mode);
                for (int round = 1; round <= plan.rounds(); round++) {
                    measure(mode, round);
                    files.write(); // A run takes up to an hour, and the user may interrupt it.
                }
                close();
            }
        }
    }

    private void install(Mode mode) throws IOException {
        for (Contender contender : plan.contenders(mode)) {
            Lab lab = new Lab(prefix + "-" + contender.id(), mode, checkouts.own(), work);
            labs.add(lab);
            progress.say("Installing: " + contender.title());
            try {
                Installation installation = Installation.install(contender, lab, plan.placement(), checkouts);
                entrants.put(contender, new Entrant(contender, lab, installation));
                installation.pause();
            } catch (IOException | LabError failure) {
                fail(mode, contender, "could not be installed", failure);
            }
        }
    }

    /** Peregrine compiles while it runs: it gets some of all traffic before. */
    private void warmUp(Mode mode) {
        for (Map.Entry<Contender, Entrant> entry : entrants.entrySet()) {
            Contender contender = entry.getKey();
            if (contender.kind() == Contender.Kind.PEREGRINE && plan.warmUpSeconds() > 0) {
                progress.say("Warming up: " + contender.title());
                warmUp(mode, contender, entry.getValue());
            }
            progress.passed(plan.preparationSeconds(mode, contender));
        }
    }

    private void warmUp(Mode mode, Contender contender, Entrant entrant) {
        for (Row row : plan.rows(mode)) {
            if (row.suits(contender)) {
                try {
                    entrant.warmUp(row, plan.placement(), plan.warmUpSeconds());
                } catch (IOException | LabError failure) {
                    fail(mode, contender, row.title() + ", warm-up", failure);
                }
            }
        }
    }

    private void measure(Mode mode, int round) {
        for (Row row : plan.rows(mode)) {
            for (Contender contender : plan.contenders(row)) {
                Entrant entrant = entrants.get(contender);
                if (entrant == null) {
                    progress.skipped(plan.seconds(row));
                } else {
                    measure(mode, round, row, contender, entrant);
                }
            }
        }
    }

    private void measure(Mode mode, int round, Row row, Contender contender, Entrant entrant) {
        String what = "%d/%d %s · %s · %s".formatted(round, plan.rounds(), mode.id(), row.id(), contender.id());
        String outcome;
        try {
            Sample sample = entrant.sample(row, round, plan.placement(), plan.seconds());
            files.add(sample);
            outcome = Numbers.text(sample.metrics().getOrDefault(row.metric(), Double.NaN)) + " " + row.unit()
                    + (sample.noise().noisy() ? " noisy" : "");
        } catch (IOException | LabError failure) {
            fail(mode, contender, row.title(), failure);
            outcome = "failed";
        }
        progress.measured(what, outcome, plan.seconds(row));
    }

    private void fail(Mode mode, Contender contender, String what, Throwable failure) {
        String reason = failure instanceof LabError lab ? lab.reason() : String.valueOf(failure.getMessage());
        files.results().fail("%s · %s · %s".formatted(mode.id(), contender.id(), what), reason);
        progress.say("%s · %s · %s: %s".formatted(mode.id(), contender.id(), what, reason));
    }

    /** Ends all processes and removes the labs. */
    @Override
    public void close() {
        entrants.values().forEach(Entrant::close);
        entrants.clear();
        for (Lab lab : labs) {
            try {
                lab.down();
            } catch (LabError failure) {
                progress.say("Left behind: " + lab.name() + ": " + failure.reason());
            }
        }
        labs.clear();
    }
}
