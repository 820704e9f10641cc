package dev.peregrine.controlplane.resolve.report;

import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.dataplane.stage.Histogram;
import java.util.Map;

/**
 * How a plane is, for {@code control list} and metrics.
 *
 * @param why of the state, in a line; may be empty
 * @param sinceNanos for how long it has the state
 * @param holdLeftNanos after which time its claims go; -1 while it is live, or has none
 * @param vteps VTEPs that it names
 * @param stations stations that it claims
 * @param claims all that it claims
 * @param held claims that were withdrawn and still count
 * @param guarded claims whose removal the shrink guard holds
 * @param announced claims of this gateway that the plane holds, as it says
 * @param events claims and withdrawals that it reported
 * @param pictures pictures that it completed
 * @param conflicts claims about a port's MAC
 * @param announceErrors how often something of this gateway could not be announced or withdrawn
 * @param pictureTimes nanoseconds from the begin of each picture to its end; it goes on to count
 * @param refused claims that were not believed, by reason; reasons that never occurred are left out
 * @param lastRefused the last of these, in a line; may be empty
 */
public record PlaneStatus(
        String name,
        PlaneState state,
        String why,
        long sinceNanos,
        long holdLeftNanos,
        int vteps,
        int stations,
        int claims,
        int held,
        int guarded,
        int announced,
        long events,
        long pictures,
        long conflicts,
        long announceErrors,
        Histogram pictureTimes,
        Map<Refusal, Long> refused,
        String lastRefused) {
    public PlaneStatus {
        refused = Map.copyOf(refused);
    }
}
