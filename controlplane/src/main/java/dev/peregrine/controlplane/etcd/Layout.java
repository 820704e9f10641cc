package dev.peregrine.controlplane.etcd;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.vxlan.IpAddress;
import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keys of a registry. The owner comes first, so that roles can bind a gateway to its own:
 *
 * <pre>
 * PREFIX/vteps/VTEP
 * PREFIX/vteps/VTEP/vnis/VNI
 * PREFIX/vteps/VTEP/vnis/VNI/macs/MAC
 * </pre>
 *
 * Each address has one text, the canonical one (RFC 5952 for IPv6): nobody else's key can stand for the same VTEP.
 */
final class Layout {
    private static final Pattern KEY =
            Pattern.compile("([0-9a-f.:]{2,45})(?:/vnis/(0|[1-9][0-9]{0,7})(?:/macs/([0-9a-f:]{17}))?)?");
    private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");
    private static final int MAX_VNI = (1 << 24) - 1;

    private final String vteps;

    Layout(String prefix) {
        vteps = prefix + "/vteps/";
    }

    /** The prefix of all keys. */
    String first() {
        return vteps;
    }

    /** The first key after all of them. */
    String end() {
        return after(vteps);
    }

    /** The prefix of all keys of a VTEP but its first. */
    String below(IpAddress vtep) {
        return vteps + vtep + "/";
    }

    /** The first key that does not begin with a text that ends in a slash. */
    static String after(String text) {
        return text.substring(0, text.length() - 1) + '0';
    }

    String key(Claim.Key key) {
        return switch (key) {
            case Claim.VtepKey vtep -> vteps + vtep.vtep();
            case Claim.MemberKey member -> below(member.vtep()) + "vnis/" + member.vni();
            case Claim.StationKey station ->
                below(station.vtep()) + "vnis/" + station.vni() + "/macs/" + AddressText.mac(station.mac());
        };
    }

    /** The claim that a key stands for; null where it stands for none. */
    Claim.@Nullable Key parse(String key) {
        if (!key.startsWith(vteps)) return null;
        Matcher matcher = KEY.matcher(key.substring(vteps.length()));
        if (!matcher.matches()) return null;
        IpAddress vtep = address(matcher.group(1));
        if (vtep == null) return null;
        if (matcher.group(2) == null) return new Claim.VtepKey(vtep);
        int vni = Integer.parseInt(matcher.group(2));
        if (vni > MAX_VNI) return null;
        String mac = matcher.group(3);
        if (mac == null) return new Claim.MemberKey(vni, vtep);
        if (!MAC.matcher(mac).matches()) return null;
        return new Claim.StationKey(vni, Long.parseLong(mac.replace(":", ""), 16), vtep);
    }

    /** An address in its canonical text; null for anything else. */
    static @Nullable IpAddress address(String text) {
        if (text.length() > 45) return null;
        try {
            IpAddress address = IpAddress.of(InetAddress.ofLiteral(text));
            return address.toString().equals(text) ? address : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
