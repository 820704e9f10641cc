package dev.peregrine.gateway.controlplane;

import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.report.Refusal;
import dev.peregrine.controlplane.resolve.report.ResolverEvents;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.port.LineRate;
import dev.peregrine.vxlan.IpAddress;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells in the log what becomes of control planes and of stations that move. On the control thread. */
public final class PlaneLog implements ResolverEvents {
    private static final Logger log = LoggerFactory.getLogger(PlaneLog.class);

    private final LongSupplier clock;
    private final LineRate moves;
    private long leftOut;

    /** Tells moves at a limited rate, by a clock of nanoseconds. */
    public PlaneLog(LongSupplier clock) {
        this.clock = clock;
        moves = new LineRate(clock.getAsLong());
    }

    @Override
    public void state(String plane, PlaneState state, String why) {
        String word = state.name().toLowerCase(Locale.ROOT);
        String reason = why.isEmpty() ? "" : ": " + why;
        if (state == PlaneState.AWAY || state == PlaneState.REFUSED) {
            log.warn("control plane {} is {}{}", plane, word, reason);
        } else {
            log.info("control plane {} is {}{}", plane, word, reason);
        }
    }

    @Override
    public void refused(String plane, Refusal reason, String latest, long count) {
        log.warn("control plane {}: {} claims not believed ({}), the last: {}", plane, count, reason, latest);
    }

    @Override
    public void moved(int vni, long mac, @Nullable IpAddress from, @Nullable IpAddress to) {
        if (!moves.admits(clock.getAsLong())) {
            leftOut++;
            return;
        }
        String more = leftOut == 0 ? "" : ", and " + leftOut + " more moves before";
        log.info("{} in VNI {} moved from {} to {}{}", new MacAddress(mac), vni, place(from), place(to), more);
        leftOut = 0;
    }

    @Override
    public void duplicate(int vni, long mac, int moveCount, @Nullable IpAddress other, boolean frozen) {
        log.warn(
                "{} in VNI {} moved {} times: it is at two places, here or at others, and at {}{}",
                new MacAddress(mac),
                vni,
                moveCount,
                place(other),
                frozen ? "; it stays where it is until it is released" : "");
    }

    @Override
    public void unfrozen(int vni, long mac) {
        log.info("{} in VNI {} may move again", new MacAddress(mac), vni);
    }

    @Override
    public void guarded(String plane, int lost, int left) {
        log.warn(
                "control plane {} lost {} claims and has {}: removals wait, in case that it is wrong",
                plane,
                lost,
                left);
    }

    @Override
    public void guardEnded(String plane, int removals) {
        log.info("control plane {}: {} claims that waited are removed", plane, removals);
    }

    @Override
    public void holdEnded(String plane, int claims) {
        log.warn("control plane {} was away for too long: its {} claims are removed", plane, claims);
    }

    private static String place(@Nullable IpAddress vtep) {
        return vtep == null ? "this gateway" : "VTEP " + vtep;
    }
}
