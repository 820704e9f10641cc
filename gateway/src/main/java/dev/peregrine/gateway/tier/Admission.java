package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.fastpath.FlowOffer;
import dev.peregrine.fastpath.FlowOffers;
import dev.peregrine.fastpath.view.FlowEntry;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.VethPort;
import dev.peregrine.vxlan.RemoteVtep;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The flows that programs can take, and why they cannot take others. Belongs to the control thread. */
final class Admission {
    private final TierMeans means;
    private final boolean canEncapsulate;
    private final IntPredicate isJoined;

    /**
     * The admission to programs that are attached.
     *
     * @param canEncapsulate whether a program puts tunnel headers on
     * @param isJoined whether a program sees what comes from a local port
     */
    Admission(TierMeans means, boolean canEncapsulate, IntPredicate isJoined) {
        this.means = means;
        this.canEncapsulate = canEncapsulate;
        this.isJoined = isJoined;
    }

    /** The properties of a flow that decide. */
    record Candidate(int inPort, int outPort, long destinationMac, boolean isTagged, int protocol, int states) {
        static Candidate of(FlowOffer offer) {
            return new Candidate(
                    offer.inPort(),
                    offer.outPort(),
                    offer.destinationMac(),
                    offer.isTagged(),
                    offer.protocol(),
                    offer.states());
        }

        static Candidate of(FlowEntry entry) {
            return new Candidate(
                    entry.inPort(),
                    entry.outPort(),
                    entry.destinationMac(),
                    entry.tagged(),
                    entry.protocol(),
                    entry.states());
        }
    }

    /** Why programs cannot take a flow, as users read it; null if they can. */
    @Nullable
    String obstacle(Candidate flow) {
        boolean isFromTunnel = Ports.isTunnel(flow.inPort);
        if (isFromTunnel == Ports.isTunnel(flow.outPort)) {
            return isFromTunnel ? "between VTEPs" : "between local ports";
        }
        if (flow.isTagged) {
            return "VLAN tag";
        }
        if (flow.states > 0 && flow.protocol == IpProtocol.TCP) {
            return "policy follows its connection";
        }
        if (flow.states > 1 || (flow.states > 0 && means.stateWords().map() == null)) {
            return "policies with states";
        }
        return isFromTunnel ? intoPort(flow) : outOfPort(flow);
    }

    private @Nullable String intoPort(Candidate flow) {
        if (!isAllowed(flow.inPort)) {
            return "its VTEP is not allowed, or has gone";
        }
        LocalPort port = port(flow.outPort);
        if (!(port instanceof VethPort veth)) {
            return notVeth(port);
        }
        if (veth.hostEnd().isEmpty()) {
            return "port " + port.port().name() + " is not up";
        }
        return veth.mac().value() == flow.destinationMac ? null : "to a MAC address behind the container";
    }

    private @Nullable String outOfPort(Candidate flow) {
        LocalPort port = port(flow.inPort);
        if (!(port instanceof VethPort)) {
            return notVeth(port);
        }
        if (!canEncapsulate) {
            return means.config().get().underlay().checksumKey() + " is on";
        }
        if (!isJoined.test(flow.inPort)) {
            return "port " + port.port().name() + " is not up";
        }
        return means.vteps().behind(flow.outPort) == null ? "its VTEP has gone" : null;
    }

    private static String notVeth(@Nullable LocalPort port) {
        return port == null
                ? "its port has gone"
                : "port " + port.port().name() + " is of type " + port.config().type();
    }

    /** Why a flow that programs can take is not there. */
    static String missing(FlowEntry entry) {
        if (entry.packets() < FlowOffers.ENOUGH) {
            return "fewer than " + FlowOffers.ENOUGH + " packets";
        }
        boolean isMerged = Ports.isTunnel(entry.inPort()) && entry.alone() >= 0;
        return isMerged ? "arrives merged" : "is on its way there";
    }

    private @Nullable LocalPort port(int number) {
        for (LocalPort port : means.ports()) {
            if (port.port().id() == number) {
                return port;
            }
        }
        return null;
    }

    private boolean isAllowed(int inPort) {
        RemoteVtep vtep = means.vteps().behind(inPort);
        return vtep != null && means.vteps().isAllowed(vtep);
    }
}
