package dev.peregrine.gateway.doctor.probe;

import dev.peregrine.gateway.placement.SystemFiles;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Capabilities that a gateway may need; see capabilities(7). */
public enum Capability {
    CAP_NET_BIND_SERVICE(10),
    CAP_NET_ADMIN(12),
    CAP_NET_RAW(13),
    CAP_SYS_ADMIN(21),
    CAP_SYS_NICE(23);

    private static final Pattern EFFECTIVE = Pattern.compile("(?m)^CapEff:\\s*([0-9a-f]{1,16})$");

    private final int bit;

    Capability(int bit) {
        this.bit = bit;
    }

    /**
     * Those of a process that count; empty where they cannot be read.
     *
     * @param process its folder, such as {@code proc/self}
     */
    public static Optional<Set<Capability>> of(SystemFiles files, String process) {
        return files.text(process + "/status")
                .flatMap(status -> EFFECTIVE.matcher(status).results().findFirst())
                .map(line -> set(Long.parseUnsignedLong(line.group(1), 16)));
    }

    private static Set<Capability> set(long mask) {
        Set<Capability> set = EnumSet.noneOf(Capability.class);
        for (Capability capability : values()) if ((mask & 1L << capability.bit) != 0) set.add(capability);
        return set;
    }
}
