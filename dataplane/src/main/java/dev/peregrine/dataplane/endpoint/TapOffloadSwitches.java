package dev.peregrine.dataplane.endpoint;

import dev.peregrine.dataplane.linux.Errno;
import dev.peregrine.dataplane.linux.TapOffload;
import dev.peregrine.dataplane.offload.Finding;
import dev.peregrine.dataplane.offload.Offload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which offloads are used when writing to a TAP device. Asked and switched by one thread, reported to any. */
final class TapOffloadSwitches {
    private static final TapOffload[] ALL = TapOffload.values();

    private final boolean[] on = new boolean[ALL.length];
    private final String[] reasons = new String[ALL.length];
    private volatile List<Offload> report;

    /** Begins with what the device accepted of what was wanted, as far as it passed a check. */
    @SuppressWarnings("EnumOrdinal") // nothing outside this object keeps the numbers
    TapOffloadSwitches(Set<TapOffload> wanted, Set<TapOffload> accepted, TapCheck check) {
        Set<TapOffload> good = check.passed(accepted);
        for (TapOffload offload : ALL) {
            Finding finding = check.finding(offload);
            boolean used = good.contains(offload) && good.contains(TapOffload.CHECKSUM);
            on[offload.ordinal()] = used;
            reasons[offload.ordinal()] = used || !finding.passed()
                    ? finding.text()
                    : !wanted.contains(offload)
                            ? "configured off"
                            : accepted.contains(offload) ? "it needs checksum, which is off" : "this kernel refuses it";
        }
        report = report();
    }

    @SuppressWarnings("EnumOrdinal")
    boolean isOn(TapOffload offload) {
        return on[offload.ordinal()];
    }

    /**
     * Switches an offload off for good, and all others with {@link TapOffload#CHECKSUM}.
     *
     * @param result what a write with the offload returned; its segments were taken one by one
     */
    @SuppressWarnings("EnumOrdinal")
    void switchOff(TapOffload offload, int result, int segments) {
        String reason = "the device answered %s (%s) to a frame of %d segments, but took them one by one"
                .formatted(Errno.name(result), Errno.text(result), segments);
        for (TapOffload other : ALL) {
            if (on[other.ordinal()] && (other == offload || offload == TapOffload.CHECKSUM)) {
                on[other.ordinal()] = false;
                reasons[other.ordinal()] = reason;
            }
        }
        report = report();
    }

    List<Offload> offloads() {
        return report;
    }

    @SuppressWarnings("EnumOrdinal")
    private List<Offload> report() {
        List<Offload> all = new ArrayList<>();
        for (TapOffload offload : ALL) {
            String name = offload.name().toLowerCase(Locale.ROOT).replace('_', '-');
            int i = offload.ordinal();
            all.add(new Offload(name, on[i], reasons[i]));
        }
        return List.copyOf(all);
    }
}
