package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.http.Texts;
import dev.peregrine.controlplane.resolve.report.Refusal;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import org.jspecify.annotations.Nullable;

/** Decides whether a claim of a plane is believed, by what it says; the limits are not asked. */
final class Judge {
    private static final long MAC_MASK = (1L << 48) - 1;

    private static final int LONGEST_NAME = 255;

    private Judge() {}

    /** A claim whose names may end up on terminals. */
    static Claim plain(Claim said) {
        return said instanceof Claim.Vtep vtep
                ? new Claim.Vtep(
                        vtep.vtep(), Texts.line(vtep.node(), LONGEST_NAME), Texts.line(vtep.instance(), LONGEST_NAME))
                : said;
    }

    /** Why a claim is refused; null when it is believed. */
    static @Nullable Refusal refusal(Claim claim, PlaneSettings settings, Model model, PlaneClaims plane) {
        IpAddress vtep = claim.key().vtep();
        Refusal ofVtep = ofVtep(vtep, settings.allow(), model.own);
        if (ofVtep != null) return ofVtep;
        return switch (claim) {
            case Claim.Vtep ignored -> null;
            case Claim.Member member -> ofVni(member.vni(), model, plane);
            case Claim.Station station -> ofStation(station, model, plane);
        };
    }

    private static @Nullable Refusal ofVtep(IpAddress vtep, @Nullable AllowList allow, IpAddress own) {
        if (vtep.isIpv4() != own.isIpv4()) return Refusal.WRONG_FAMILY;
        if (!isUnicast(vtep)) return Refusal.VTEP_NOT_UNICAST;
        if (vtep.equals(own)) return Refusal.OWN_VTEP;
        if (allow != null && !allow.contains(vtep.high(), vtep.low())) return Refusal.VTEP_NOT_ALLOWED;
        return null;
    }

    private static @Nullable Refusal ofVni(int vni, Model model, PlaneClaims plane) {
        VniState state = model.vni(vni);
        return state == null || !state.listensTo(plane) ? Refusal.VNI_NOT_CONFIGURED : null;
    }

    private static @Nullable Refusal ofStation(Claim.Station station, Model model, PlaneClaims plane) {
        long mac = station.mac();
        if (mac == 0 || EthernetHeader.isGroup(mac) || (mac & ~MAC_MASK) != 0) return Refusal.MAC_NOT_UNICAST;
        if (station.addresses().size() > Claim.Station.MAX_ADDRESSES) return Refusal.TOO_MANY_ADDRESSES;
        for (IpAddress address : station.addresses()) {
            if (!isUnicast(address)) return Refusal.ADDRESS_NOT_UNICAST;
        }
        return ofVni(station.vni(), model, plane);
    }

    /** Whether one host may have this address: neither unspecified, nor a group's, nor the broadcast address. */
    private static boolean isUnicast(IpAddress address) {
        if (!address.isIpv4()) return address.high() >>> 56 != 0xff && (address.high() | address.low()) != 0;
        int ipv4 = (int) address.low();
        return ipv4 != 0 && ipv4 >>> 28 < 0xe;
    }
}
