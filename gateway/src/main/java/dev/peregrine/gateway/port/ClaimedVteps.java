package dev.peregrine.gateway.port;

import dev.peregrine.vxlan.IpAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The VTEPs that control planes name now. Belongs to the control thread. */
public final class ClaimedVteps {
    private final Map<IpAddress, Naming> namings = new HashMap<>();

    /**
     * The claimants that name a VTEP.
     *
     * @param plane the control plane
     * @param node name of the VTEP's host; may be empty
     */
    public record Naming(String plane, String node) {}

    /** No VTEPs. */
    ClaimedVteps() {}

    /** The claimants that name a VTEP; null when no control plane does. */
    public @Nullable Naming naming(IpAddress vtep) {
        return namings.get(vtep);
    }

    /** Whether a control plane names a VTEP. */
    public boolean contains(IpAddress vtep) {
        return namings.containsKey(vtep);
    }

    /** A control plane names a VTEP. */
    public void add(IpAddress vtep, Naming naming) {
        namings.put(vtep, naming);
    }

    /** No control plane names a VTEP any more. */
    public void remove(IpAddress vtep) {
        namings.remove(vtep);
    }
}
