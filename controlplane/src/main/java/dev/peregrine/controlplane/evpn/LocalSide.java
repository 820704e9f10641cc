package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.dataplane.linux.netlink.bridge.NeighbourSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The local side, kept in the kernel for zebra to see: devices for each VNI, and in them entries for each station. One
 * thread.
 */
final class LocalSide implements AutoCloseable {
    private static final long MILLI = 1_000_000L;
    /** Two sides that fight over an entry do so at most 20 times a second. */
    private static final long MEND_NANOS = 50 * MILLI;

    private static final long FAILING_NANOS = 2_000 * MILLI;
    private static final long FIRST_PAUSE_NANOS = 200 * MILLI;
    private static final long LAST_PAUSE_NANOS = 30_000 * MILLI;

    private final int udpPort;
    private final KernelPicture picture;
    private final LocalEntries entries;
    private final Set<Integer> vnis = new HashSet<>();
    private final Set<Integer> present = new HashSet<>();
    private @Nullable ShadowDevices devices;
    private @Nullable InetAddress vtep;
    private boolean devicesDue;
    private boolean isNew;
    private long nextMend;
    private long failingSince;
    private long nextDevices;
    private long pause = FIRST_PAUSE_NANOS;

    /**
     * Nothing, yet.
     *
     * @param now time in nanoseconds
     */
    LocalSide(int udpPort, KernelPicture picture, NeighbourSocket socket, long now) {
        this.udpPort = udpPort;
        this.picture = picture;
        this.entries = new LocalEntries(picture, socket);
        nextMend = now;
        failingSince = now;
        nextDevices = now;
    }

    /** Sets what is to be there; returns whether a VNI is not to be there any more. */
    boolean want(LocalState state) throws LinuxException {
        InetAddress own = state.vtep().toInetAddress();
        if (!own.equals(vtep)) {
            close();
            devices = ShadowDevices.open(own, udpPort);
            vtep = own;
            devicesDue = true;
        }
        Set<Integer> now = state.members().stream().map(Claim.Member::vni).collect(Collectors.toSet());
        boolean isLess = !now.containsAll(vnis);
        if (!now.equals(vnis)) {
            vnis.clear();
            vnis.addAll(now);
            devicesDue = true;
        }
        entries.want(state.stations());
        isNew = true;
        return isLess;
    }

    /** Whether there is any VNI to be announced, and its devices are there. */
    boolean isPublished() {
        return !present.isEmpty();
    }

    /** An entry of ours may have been changed. */
    void doubt(int vni, long mac) {
        entries.doubt(vni, mac);
    }

    /** Entries of ours may have been changed, any of them. */
    void doubtAll() {
        entries.doubtAll(present);
    }

    /** A device of a VNI was removed by somebody. */
    void broken(int vni) {
        gone(vni);
        devicesDue = true;
    }

    /** Does what is due. A failed step is tried again later. */
    void work(long now) throws LinuxException {
        if (devicesDue && now - nextDevices >= 0) {
            try {
                makeDevices();
                devicesDue = false;
                pause = FIRST_PAUSE_NANOS;
            } catch (LinuxException e) {
                nextDevices = now + pause;
                pause = Math.min(2 * pause, LAST_PAUSE_NANOS);
                throw e;
            }
        }
        if (entries.isDue() && (isNew || now - nextMend >= 0)) {
            isNew = false;
            nextMend = now + MEND_NANOS;
            mend(now);
        }
    }

    /** A port that was just made has no carrier for a moment, and takes no entries: that is no failure. */
    private void mend(long now) throws LinuxException {
        try {
            entries.mend();
            failingSince = now;
        } catch (LinuxException e) {
            if (now - failingSince > FAILING_NANOS) {
                failingSince = now;
                throw e;
            }
        }
    }

    /** Whether the devices of a VNI are there and up. Waits while somebody changes devices. */
    boolean isWhole(int vni) throws LinuxException {
        Segment segment = picture.segment(vni);
        return devices == null || segment == null || devices.isWhole(segment.shadow());
    }

    private void makeDevices() throws LinuxException {
        ShadowDevices made = devices;
        if (made == null) {
            return;
        }
        for (int vni : List.copyOf(present)) {
            if (!vnis.contains(vni)) {
                gone(vni);
            }
        }
        made.prune(vnis);
        LinuxException failure = null;
        for (int vni : vnis) {
            if (!present.contains(vni)) {
                try {
                    picture.add(made.ensure(vni));
                    present.add(vni);
                    entries.devicesGone(vni);
                } catch (LinuxException e) {
                    failure = failure == null ? e : failure;
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void gone(int vni) {
        picture.remove(vni);
        present.remove(vni);
        entries.devicesGone(vni);
    }

    /** How much of ours is there for zebra to announce: the VTEP, its VNIs, its stations. */
    int announced() {
        return present.isEmpty() ? 0 : 1 + present.size() + picture.locals();
    }

    /** Leaves the devices as they are. */
    @Override
    public void close() {
        for (int vni : List.copyOf(present)) {
            gone(vni);
        }
        if (devices != null) {
            devices.close();
            devices = null;
        }
    }
}
