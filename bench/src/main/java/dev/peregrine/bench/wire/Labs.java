package dev.peregrine.bench.wire;

import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.report.Progress;
import dev.peregrine.bench.wire.lab.Checkouts;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Installation;
import dev.peregrine.bench.wire.lab.Lab;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.lab.Placement;
import dev.peregrine.dataplane.testing.live.LabError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The labs of a mode. Every contender has one of its own, all at the same time; those that are not measured are paused.
 * So rounds interleave (A B C A B C …) without restarts, and a JVM stays warm.
 */
final class Labs implements AutoCloseable {
    /** About how long it takes to make a contender ready. */
    static final double INSTALLATION_SECONDS = 2;

    private final Checkouts checkouts;
    private final Placement placement;
    private final Path work;
    private final String prefix;
    private final List<Lab> labs = new ArrayList<>();
    private final Map<Contender, Entrant> entrants = new EnumMap<>(Contender.class);

    /** A contender that is ready to be measured. */
    record Entrant(Lab lab, Installation installation) {}

    /**
     * No lab yet.
     *
     * @param checkouts of this project and, optionally, of another state of it
     * @param work the folder of temporary files
     * @param prefix of the names of the labs
     */
    Labs(Checkouts checkouts, Placement placement, Path work, String prefix) {
        this.checkouts = checkouts;
        this.placement = placement;
        this.work = work;
        this.prefix = prefix;
    }

    /** Makes a lab for each contender, and pauses it; notes in {@code results} where that fails. */
    void install(Mode mode, List<Contender> contenders, Results results, Progress progress) throws IOException {
        for (Contender contender : contenders) {
            Lab lab = new Lab(prefix + "-" + contender.id(), mode, checkouts.own(), work);
            labs.add(lab);
            progress.say("Installing: " + contender.title());
            try {
                Installation installation = Installation.install(contender, lab, placement, checkouts);
                entrants.put(contender, new Entrant(lab, installation));
                installation.pause();
            } catch (IOException | LabError failure) {
                String what = "%s · %s · could not be installed".formatted(mode.id(), contender.id());
                String reason =
                        failure instanceof LabError error ? error.reason() : String.valueOf(failure.getMessage());
                results.fail(what, reason);
                progress.say(what + ": " + reason);
            }
            progress.passed(INSTALLATION_SECONDS);
        }
    }

    boolean has(Contender contender) {
        return entrants.containsKey(contender);
    }

    Entrant entrant(Contender contender) throws IOException {
        Entrant entrant = entrants.get(contender);
        if (entrant == null) {
            throw new IOException("could not be installed");
        }
        return entrant;
    }

    /** Ends all processes and removes the labs. */
    @Override
    public void close() {
        entrants.values().forEach(entrant -> entrant.installation().close());
        entrants.clear();
        for (Lab lab : labs) {
            try {
                lab.down();
            } catch (LabError failure) {
                System.err.println("Left behind: " + lab.name() + ": " + failure.reason());
            }
        }
        labs.clear();
    }
}
