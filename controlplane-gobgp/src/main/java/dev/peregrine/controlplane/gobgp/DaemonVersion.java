package dev.peregrine.controlplane.gobgp;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.peregrine.controlplane.evpn.GobgpSettings;
import dev.peregrine.controlplane.gobgp.api.Peer;
import dev.peregrine.controlplane.gobgp.api.SoftwareVersionCapability;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of a gobgpd. Its API has no call for it; since 3.12 it is among the capabilities that gobgpd tells
 * neighbours of its own AS, and others where {@code send-software-version} is set.
 *
 * @param minor of version 3; -1 where it is not known
 */
record DaemonVersion(int minor) {
    static final DaemonVersion UNKNOWN = new DaemonVersion(-1);

    private static final Pattern TEXT = Pattern.compile("GoBGP/3\\.([0-9]{1,4})\\..*");
    private static final String CAPABILITY = ".SoftwareVersionCapability";
    /** These lose routes of type 2 (GoBGP issue 2804). */
    private static final int FIRST_LOSSY = 22;

    private static final int LAST_LOSSY = 26;
    /** From here on MAC mobility is looked after within a VNI, without a walk over all routes for each (issue 2805). */
    private static final int FIRST_FAST = 28;

    /** By what gobgpd tells its neighbours. */
    static DaemonVersion of(List<Peer> peers) {
        for (Peer peer : peers) {
            for (Any capability : peer.getState().getLocalCapList()) {
                if (capability.getTypeUrl().endsWith(CAPABILITY)) {
                    return of(capability);
                }
            }
        }
        return UNKNOWN;
    }

    private static DaemonVersion of(Any capability) {
        try {
            String text =
                    SoftwareVersionCapability.parseFrom(capability.getValue()).getSoftwareVersion();
            Matcher version = TEXT.matcher(text);
            return version.matches() ? new DaemonVersion(Integer.parseInt(version.group(1))) : UNKNOWN;
        } catch (InvalidProtocolBufferException e) {
            return UNKNOWN;
        }
    }

    /** Why this version is not to be used, in a line; empty: it may be. */
    String refusal(int maxMacs) {
        if (minor >= FIRST_LOSSY && minor <= LAST_LOSSY) {
            return "gobgpd is " + this + ", and 3.22 to 3.26 lose routes: use 3.28 or a later 3.x";
        }
        if (minor >= FIRST_FAST || maxMacs <= GobgpSettings.MANY_MACS) {
            return "";
        }
        String advice = minor >= 0
                ? "use 3.28 or a later 3.x"
                : "if it is one, set send-software-version = true for a neighbor of it, which shows its version";
        return "gobgpd is " + this + ", and before 3.28 its time grows with the square of the MAC addresses: maxMacs "
                + maxMacs + " is more than " + GobgpSettings.MANY_MACS + "; " + advice;
    }

    @Override
    public String toString() {
        return minor < 0 ? "of an unknown version" : "3." + minor;
    }
}
