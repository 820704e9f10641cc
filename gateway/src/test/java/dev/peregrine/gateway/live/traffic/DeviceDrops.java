package dev.peregrine.gateway.live.traffic;

import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.testkit.live.Lab;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Packets that the kernel's devices of a lab dropped, TAP devices aside, whose drops are the gateway's to report; and
 * those dropped on the machine because a receive backlog was full.
 */
final class DeviceDrops {
    private static final Pattern BACKLOG = Pattern.compile("^\\p{XDigit}+ (\\p{XDigit}+)", Pattern.MULTILINE);

    private DeviceDrops() {}

    static long of(Lab lab) {
        long drops = 0;
        for (Namespace namespace : lab.namespaces()) {
            // A veth pair tells of a drop at both ends.
            for (String device : namespace.devices("veth")) drops += of(namespace, device, "tx_dropped");
            for (String device : namespace.devices("bridge"))
                drops += of(namespace, device, "rx_dropped", "tx_dropped");
            for (String device : namespace.devices("vxlan")) drops += of(namespace, device, "rx_dropped", "tx_dropped");
        }
        Matcher backlog = BACKLOG.matcher(lab.hB().output("cat", "/proc/net/softnet_stat"));
        while (backlog.find()) drops += Long.parseLong(backlog.group(1), 16);
        return drops;
    }

    private static long of(Namespace namespace, String device, String... counters) {
        List<String> words = new ArrayList<>(List.of("cat"));
        for (String counter : counters) words.add("/sys/class/net/" + device + "/statistics/" + counter);
        return Command.output(namespace.words(words))
                .lines()
                .mapToLong(Long::parseLong)
                .sum();
    }
}
