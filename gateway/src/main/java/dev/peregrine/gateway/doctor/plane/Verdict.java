package dev.peregrine.gateway.doctor.plane;

import dev.peregrine.controlplane.Examined;
import dev.peregrine.gateway.doctor.check.Finding;
import java.util.ArrayList;
import java.util.List;

/** One finding about several planes: that of the worst, with what goes well beside it. */
final class Verdict {
    private final List<String> well = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final List<String> cures = new ArrayList<>();
    private final List<String> cheapCures = new ArrayList<>();

    void add(String plane, Examined examined) {
        for (Examined.Fault fault : examined.faults()) {
            if (fault.isFatal()) failed(plane, fault.what(), fault.cure());
            else warned(plane, fault.what(), fault.cure());
        }
        if (!examined.found().isEmpty()) well(plane, examined.found());
    }

    void well(String plane, String what) {
        well.add(plane + ": " + what);
    }

    void warned(String plane, String what, String cure) {
        warnings.add(plane + ": " + what);
        cheapCures.add(cure);
    }

    void failed(String plane, String what, String cure) {
        failures.add(plane + ": " + what);
        cures.add(cure);
    }

    Finding finding() {
        List<String> found = new ArrayList<>(failures);
        found.addAll(warnings);
        if (found.isEmpty()) return Finding.ok(String.join("; ", well));
        String text = String.join("; ", found);
        return failures.isEmpty() ? Finding.warn(text, cheapCures.getFirst()) : Finding.fail(text, cures.getFirst());
    }
}
