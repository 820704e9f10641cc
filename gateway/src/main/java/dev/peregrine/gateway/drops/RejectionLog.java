package dev.peregrine.gateway.drops;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Rejections;
import dev.peregrine.vxlan.Rejections.Rejection;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log once of each address that is no allowed VTEP, and of each VNI that a VTEP sends and that is not here:
 * the first {@link Rejections#CAPACITY} of either kind. Belongs to the control thread.
 */
public final class RejectionLog {
    private static final Logger log = LoggerFactory.getLogger(RejectionLog.class);

    private final VtepTable vteps;
    private final Rejections addresses;
    private final Rejections vnis;
    private int toldAddresses;
    private int toldVnis;
    private boolean toldAddressesFull;
    private boolean toldVnisFull;

    /** @param vnis what decap rejects, with the tunnel ports of {@code vteps} */
    public RejectionLog(VtepTable vteps, Rejections vnis) {
        this.vteps = vteps;
        this.addresses = vteps.rejections();
        this.vnis = vnis;
    }

    /** Tells what is new since the last call; about once a second. */
    public void tick() {
        news().forEach(log::warn);
    }

    List<String> news() {
        List<String> lines = new ArrayList<>();
        for (Rejection rejection : addresses.since(toldAddresses)) {
            toldAddresses++;
            lines.add("datagrams from " + new IpAddress(rejection.high(), rejection.low()) + " are dropped ("
                    + DropReason.VTEP_NOT_ALLOWED
                    + "): if it is a VTEP of yours, name it in underlay.allow, or in the flood"
                    + " list or a static FDB entry of a VNI");
        }
        for (Rejection rejection : vnis.since(toldVnis)) {
            toldVnis++;
            RemoteVtep sender = vteps.behind((int) rejection.low());
            lines.add("datagrams of VNI " + rejection.vni() + " from VTEP " + (sender == null ? "unknown" : sender)
                    + " are dropped (" + DropReason.VXLAN_VNI_NOT_FOUND
                    + "): the VNI is not configured here; do both ends have the same?");
        }
        if (addresses.isFull() && !toldAddressesFull) lines.add(more("addresses that are no VTEPs"));
        if (vnis.isFull() && !toldVnisFull) lines.add(more("VNIs that are not configured"));
        toldAddressesFull = addresses.isFull();
        toldVnisFull = vnis.isFull();
        return lines;
    }

    private static String more(String kind) {
        return "more than " + Rejections.CAPACITY + " " + kind
                + ": further ones are counted and not named (peregrine drop list)";
    }
}
