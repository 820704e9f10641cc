package dev.peregrine.gateway.doctor.host;

import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import java.util.Optional;

/** Transparent huge pages. */
public final class HugePagesCheck implements Check {
    @Override
    public String name() {
        return "huge-pages";
    }

    @Override
    public String about() {
        return "Transparent huge pages can be had for packets and tables, which are read at random.";
    }

    private static final String FILE = "sys/kernel/mm/transparent_hugepage/enabled";

    @Override
    public Finding look(Subject subject) {
        Optional<String> modes = subject.files().line(FILE);
        if (modes.isEmpty()) return Finding.skip("this kernel has no transparent huge pages");
        return modes.get().contains("[never]")
                ? Finding.warn(
                        "never: tables of flows and packets cost more misses of the TLB", "echo madvise > /" + FILE)
                : Finding.ok(modes.get().replaceFirst(".*\\[(.*)].*", "$1"));
    }
}
