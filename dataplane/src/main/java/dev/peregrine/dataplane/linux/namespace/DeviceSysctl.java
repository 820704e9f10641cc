package dev.peregrine.dataplane.linux.namespace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Settings of the kernel for one interface of the calling thread's network namespace: {@code
 * /proc/sys/net/FAMILY/conf}.
 */
public final class DeviceSysctl {
    private static final Path ROOT = Path.of("/proc/sys/net");

    private DeviceSysctl() {}

    /**
     * Makes the kernel announce the interface to its neighbours when it comes up and when its MAC address changes: by
     * gratuitous ARP (RFC 5227 section 3) and by unsolicited neighbour advertisements (RFC 4861 section 7.2.6), one for
     * each address that it has then. Where {@code /proc/sys} cannot be written, as in some containers, nothing changes.
     */
    public static void announceAddresses(String device) {
        // Where it does not, neighbours learn of the device from its first frames.
        set("ipv4", device, "arp_notify");
        set("ipv6", device, "ndisc_notify");
    }

    /** Takes IPv6 away from the interface, as far as {@code /proc/sys} can be written and the kernel has it. */
    public static void disableIpv6(String device) {
        set("ipv6", device, "disable_ipv6");
    }

    private static void set(String family, String device, String name) {
        try {
            Files.writeString(
                    ROOT.resolve(family).resolve("conf").resolve(device).resolve(name), "1");
        } catch (IOException e) {
            return; // whoever calls does without
        }
    }
}
