package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The features of a network interface that are on, by the kernel's names, as {@code ethtool -k} lists them:
 * {@code rx-gro}, {@code rx-udp-gro-forwarding}. Read by {@code SIOCETHTOOL}, which wants no privilege for that; to
 * change them wants {@code CAP_NET_ADMIN}.
 *
 * <pre>
 * ifreq             0 name (16)  16 address of one of the following
 * ethtool_sset_info 0 command  4 reserved  8 mask of string sets (u64)  16 length of the set
 * ethtool_gstrings  0 command  4 string set  8 length  12 strings of 32 bytes
 * ethtool_gfeatures 0 command  4 blocks  8 blocks of available, requested, active, never changed (u32 each)
 * ethtool_sfeatures 0 command  4 blocks  8 blocks of which to change, how (u32 each)
 * </pre>
 */
public final class DeviceFeatures {
    private static final int SOCK_DGRAM = 2;
    private static final int SIOCETHTOOL = 0x8946;
    private static final int GET_STRINGS = 0x1b;
    private static final int GET_SET_INFO = 0x37;
    private static final int GET_FEATURES = 0x3a;
    private static final int SET_FEATURES = 0x3b;
    private static final int SET_OF_FEATURES = 4;
    private static final int REQUEST_SIZE = 40;
    private static final int ARGUMENT = 16;
    private static final int NAME_SIZE = 32;
    private static final int BLOCK_SIZE = 16;
    private static final int ACTIVE = 8;
    private static final int CHANGE_SIZE = 8;

    /** Far more than a kernel has: some 64. */
    private static final int MOST = 1024;

    private final String device;
    private final int fd;
    private final Arena arena;

    private DeviceFeatures(String device, int fd, Arena arena) {
        this.device = Netlink.checkName(device);
        this.fd = fd;
        this.arena = arena;
    }

    /** Those of an interface in the calling thread's network namespace. */
    public static Set<String> active(String device) throws LinuxException {
        return with(device, DeviceFeatures::read);
    }

    /**
     * Turns one on or off; nothing happens where the interface does not have it, or cannot change it: look at {@link
     * #active}.
     */
    public static void set(String device, String feature, boolean on) throws LinuxException {
        with(device, features -> features.change(feature, on));
    }

    private interface Task<T> {
        T run(DeviceFeatures features) throws LinuxException;
    }

    private static <T> T with(String device, Task<T> task) throws LinuxException {
        int fd = Syscalls.socket(Syscalls.AF_INET, SOCK_DGRAM | Syscalls.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw new LinuxException("socket", "for SIOCETHTOOL", fd);
        }
        try (Arena arena = Arena.ofConfined()) {
            return task.run(new DeviceFeatures(device, fd, arena));
        } finally {
            Syscalls.close(fd);
        }
    }

    private Set<String> read() throws LinuxException {
        List<String> names = names();
        int blocks = blocks(names);
        MemorySegment features = command(GET_FEATURES, 8 + (long) blocks * BLOCK_SIZE);
        features.set(JAVA_INT, 4, blocks);
        ask(features);
        Set<String> active = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            long block = 8 + (long) (i / Integer.SIZE) * BLOCK_SIZE;
            if ((features.get(JAVA_INT, block + ACTIVE) & 1 << (i % Integer.SIZE)) != 0) {
                active.add(names.get(i));
            }
        }
        return active;
    }

    private boolean change(String feature, boolean on) throws LinuxException {
        List<String> names = names();
        int number = names.indexOf(feature);
        if (number < 0) {
            return false;
        }
        int blocks = blocks(names);
        MemorySegment change = command(SET_FEATURES, 8 + (long) blocks * CHANGE_SIZE);
        change.set(JAVA_INT, 4, blocks);
        long block = 8 + (long) (number / Integer.SIZE) * CHANGE_SIZE;
        int bit = 1 << (number % Integer.SIZE);
        change.set(JAVA_INT, block, bit);
        change.set(JAVA_INT, block + Integer.BYTES, on ? bit : 0);
        ask(change);
        return true;
    }

    /** By their number. */
    private List<String> names() throws LinuxException {
        MemorySegment info = command(GET_SET_INFO, 8 + Long.BYTES + Integer.BYTES);
        info.set(JAVA_LONG_UNALIGNED, 8, 1L << SET_OF_FEATURES);
        ask(info);
        int count = Math.clamp(info.get(JAVA_INT, 16), 0, MOST);
        MemorySegment strings = command(GET_STRINGS, 12 + (long) count * NAME_SIZE);
        strings.set(JAVA_INT, 4, SET_OF_FEATURES);
        strings.set(JAVA_INT, 8, count);
        ask(strings);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(strings.asSlice(12 + (long) i * NAME_SIZE, NAME_SIZE).getString(0));
        }
        return names;
    }

    private static int blocks(List<String> names) {
        return (names.size() + Integer.SIZE - 1) / Integer.SIZE;
    }

    private MemorySegment command(int command, long size) {
        MemorySegment structure = arena.allocate(size, Long.BYTES);
        structure.set(JAVA_INT, 0, command);
        return structure;
    }

    private void ask(MemorySegment structure) throws LinuxException {
        MemorySegment request = arena.allocate(REQUEST_SIZE, Long.BYTES);
        request.setString(0, device);
        request.set(JAVA_LONG_UNALIGNED, ARGUMENT, structure.address());
        int result = Syscalls.ioctl(fd, SIOCETHTOOL, request.address());
        if (result < 0) {
            throw new LinuxException("ioctl(SIOCETHTOOL)", device, result);
        }
    }
}
