package dev.peregrine.controlplane.etcd;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.MappedAddress;
import dev.peregrine.vxlan.IpAddress;
import java.net.InetAddress;
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
 * Each address has one text, the canonical one (RFC 5952 for IPv6): nobody else's key can stand for the same VTEP. One
 * thread uses it.
 */
final class Layout {
    private static final String VNIS = "/vnis/";
    private static final String MACS = "/macs/";
    private static final int MAX_VNI = (1 << 24) - 1;
    private static final int MAX_VNI_DIGITS = 8;
    private static final int MAC_LENGTH = 17;
    private static final int MAX_ADDRESS_LENGTH = 45;
    private static final int IPV4_BYTES = 4;
    private static final int MAX_BYTE = 255;

    private final String vteps;

    /** The VTEP of the key before, which most keys have as well: keys come in their order. */
    private String lastText = "";

    private @Nullable IpAddress lastVtep;

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
        int vtepEnd = end(key, vteps.length());
        IpAddress vtep = vtep(key, vteps.length(), vtepEnd);
        if (vtep == null) return null;
        if (vtepEnd == key.length()) return new Claim.VtepKey(vtep);
        if (!key.startsWith(VNIS, vtepEnd)) return null;
        int vniAt = vtepEnd + VNIS.length();
        int vniEnd = end(key, vniAt);
        int vni = number(key, vniAt, vniEnd, MAX_VNI_DIGITS, MAX_VNI);
        if (vni < 0) return null;
        if (vniEnd == key.length()) return new Claim.MemberKey(vni, vtep);
        long mac = key.startsWith(MACS, vniEnd) ? mac(key, vniEnd + MACS.length()) : -1;
        return mac < 0 ? null : new Claim.StationKey(vni, mac, vtep);
    }

    /** Where the part of a key ends that begins at an index. */
    private static int end(String key, int from) {
        int slash = key.indexOf('/', from);
        return slash < 0 ? key.length() : slash;
    }

    private @Nullable IpAddress vtep(String key, int from, int end) {
        int length = end - from;
        if (length == lastText.length() && key.startsWith(lastText, from)) return lastVtep;
        lastText = key.substring(from, end);
        lastVtep = address(lastText);
        return lastVtep;
    }

    /** A number in decimal, without zeros before it; -1 for anything else, and for one above {@code max}. */
    private static int number(String text, int from, int end, int maxDigits, int max) {
        int digits = end - from;
        if (digits < 1 || digits > maxDigits || (digits > 1 && text.charAt(from) == '0')) return -1;
        int number = 0;
        for (int i = from; i < end; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) return -1;
            number = 10 * number + digit;
        }
        return number <= max ? number : -1;
    }

    /** The MAC at the end of a text, in small letters with colons; -1 for anything else. */
    private static long mac(String text, int from) {
        if (text.length() - from != MAC_LENGTH) return -1;
        long mac = 0;
        for (int i = 0; i < MAC_LENGTH; i++) {
            char c = text.charAt(from + i);
            if (i % 3 == 2) {
                if (c != ':') return -1;
            } else if (c >= '0' && c <= '9') {
                mac = mac << 4 | (c - '0');
            } else if (c >= 'a' && c <= 'f') {
                mac = mac << 4 | (c - 'a' + 10);
            } else {
                return -1;
            }
        }
        return mac;
    }

    /** An address in its canonical text; null for anything else. */
    static @Nullable IpAddress address(String text) {
        if (text.length() > MAX_ADDRESS_LENGTH) return null;
        IpAddress ipv4 = ipv4(text);
        if (ipv4 != null) return ipv4;
        try {
            IpAddress address = IpAddress.of(InetAddress.ofLiteral(text));
            return address.toString().equals(text) ? address : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** A dotted address without zeros before its numbers; null for anything else. */
    private static @Nullable IpAddress ipv4(String text) {
        int address = 0;
        int from = 0;
        for (int i = 1; i <= IPV4_BYTES; i++) {
            int end = i < IPV4_BYTES ? text.indexOf('.', from) : text.length();
            int number = end < 0 ? -1 : number(text, from, end, 3, MAX_BYTE);
            if (number < 0) return null;
            address = address << Byte.SIZE | number;
            from = end + 1;
        }
        return new IpAddress(0, MappedAddress.low(address));
    }
}
