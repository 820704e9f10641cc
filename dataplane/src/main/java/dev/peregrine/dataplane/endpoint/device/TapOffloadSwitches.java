package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.offload.ProbeResult;
import dev.peregrine.dataplane.packet.EnumWord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The offloads in use for writing to a TAP device. One thread reads and switches them; any thread may read the reports.
 *
 * <p>An offload that a device refused is tried again, since the cause of the refusal may have passed: after 4 ticks,
 * and after twice as many each further time, at most {@value #LAST_TICKS}.
 */
final class TapOffloadSwitches {
    /** How many {@link #tick}s an offload stays off after its first refusal. */
    static final int FIRST_TICKS = 4;

    static final int LAST_TICKS = 512;

    private static final TapOffload[] ALL = TapOffload.values();

    private final boolean[] on = new boolean[ALL.length];
    private final int[] ticksLeft = new int[ALL.length];
    private final int[] nextTicks = new int[ALL.length];
    private volatile boolean refused;
    private final String[] reasons = new String[ALL.length];
    private volatile List<Offload> report;

    /** Begins with the wanted offloads that the device accepted and that passed the check. */
    @SuppressWarnings("EnumOrdinal") // nothing outside this object keeps the numbers
    TapOffloadSwitches(Set<TapOffload> wanted, Set<TapOffload> accepted, TapCheck check) {
        Set<TapOffload> good = check.passed(accepted);
        for (TapOffload offload : ALL) {
            ProbeResult result = check.result(offload);
            boolean used = good.contains(offload) && good.contains(TapOffload.CHECKSUM);
            on[offload.ordinal()] = used;
            reasons[offload.ordinal()] = used || !result.passed()
                    ? result.text()
                    : !wanted.contains(offload)
                            ? "configured off"
                            : accepted.contains(offload) ? "it needs checksum, which is off" : "this kernel refuses it";
        }
        Arrays.fill(nextTicks, FIRST_TICKS);
        report = report();
    }

    @SuppressWarnings("EnumOrdinal")
    boolean isOn(TapOffload offload) {
        return on[offload.ordinal()];
    }

    /**
     * Switches an offload off for a while, and all others with {@link TapOffload#CHECKSUM}.
     *
     * @param result what a write with the offload returned; its segments were taken one by one
     */
    @SuppressWarnings("EnumOrdinal")
    void switchOff(TapOffload offload, int result, int segments) {
        String reason = "the device answered %s (%s) to a frame of %d segments, but took them one by one"
                .formatted(Errno.name(result), Errno.text(result), segments);
        for (TapOffload other : ALL) {
            int i = other.ordinal();
            if (on[i] && (other == offload || offload == TapOffload.CHECKSUM)) {
                on[i] = false;
                ticksLeft[i] = nextTicks[i];
                reasons[i] = "%s; it is tried again after %d s".formatted(reason, nextTicks[i]);
                nextTicks[i] = Math.min(LAST_TICKS, 2 * nextTicks[i]);
            }
        }
        refused = isAnyRefused();
        report = report();
    }

    /** Whether an offload is off because it was refused; any thread may ask. */
    boolean hasRefused() {
        return refused;
    }

    /**
     * Switches on again the offloads that have been off long enough; called about once a second while {@link
     * #hasRefused}.
     */
    void tick() {
        for (int i = 0; i < ALL.length; i++) {
            if (ticksLeft[i] > 0 && --ticksLeft[i] == 0) {
                on[i] = true;
                reasons[i] = "tried again after a refusal";
            }
        }
        refused = isAnyRefused();
        report = report();
    }

    private boolean isAnyRefused() {
        return Arrays.stream(ticksLeft).anyMatch(left -> left > 0);
    }

    List<Offload> offloads() {
        return report;
    }

    @SuppressWarnings("EnumOrdinal")
    private List<Offload> report() {
        List<Offload> all = new ArrayList<>();
        for (TapOffload offload : ALL) {
            String name = EnumWord.of(offload);
            int i = offload.ordinal();
            all.add(new Offload(name, on[i], reasons[i]));
        }
        return List.copyOf(all);
    }
}
