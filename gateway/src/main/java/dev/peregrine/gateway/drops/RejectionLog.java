package dev.peregrine.gateway.drops;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.Rejections;
import dev.peregrine.vxlan.Rejections.Rejection;
import dev.peregrine.vxlan.VtepTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log once of each address that is no allowed VTEP, and of each VNI that a VTEP sends and that is not here: the first
 * {@link Rejections#CAPACITY} of either kind. Belongs to the control thread.
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
        for (Rejection rejection : addresses.since(toldAddresses)) {
            toldAddresses++;
            log.warn(
                    "datagrams from {} are dropped ({}): if it is a VTEP of yours, name it in underlay.allow, or in the flood list"
                            + " or a static FDB entry of a VNI",
                    new IpAddress(rejection.high(), rejection.low()),
                    DropReason.VTEP_NOT_ALLOWED);
        }
        for (Rejection rejection : vnis.since(toldVnis)) {
            toldVnis++;
            RemoteVtep sender = vteps.behind((int) rejection.low());
            log.warn(
                    "datagrams of VNI {} from VTEP {} are dropped ({}): the VNI is not configured here; do both ends have the"
                            + " same?",
                    rejection.vni(),
                    sender == null ? "unknown" : sender,
                    DropReason.VXLAN_VNI_NOT_FOUND);
        }
        toldAddressesFull = tellFull(addresses, toldAddressesFull, "addresses that are no VTEPs");
        toldVnisFull = tellFull(vnis, toldVnisFull, "VNIs that are not configured");
    }

    private static boolean tellFull(Rejections rejections, boolean told, String kind) {
        if (rejections.isFull() && !told) {
            log.warn("more than {} {}: further ones are counted and not named (peregrine drop list)", Rejections.CAPACITY, kind);
        }
        return rejections.isFull();
    }
}
