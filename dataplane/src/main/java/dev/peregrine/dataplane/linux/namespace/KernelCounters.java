package dev.peregrine.dataplane.linux.namespace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The counts of the kernel's IP and UDP code in one network namespace since that was made, for all sockets together.
 * Names are those of {@code nstat}, as in {@code UdpInCsumErrors}, {@code Udp6InCsumErrors} and
 * {@code TcpExtIPReversePathFilter}.
 */
public final class KernelCounters {
    private static final Path DIRECTORY = Path.of("/proc/thread-self/net");

    /** Files whose lines come in pairs: names, then values, each behind the protocol's name and a colon. */
    private static final List<String> PAIRED = List.of("snmp", "netstat");

    /** A file with a name and a value on each line; missing where the kernel has no IPv6. */
    private static final String SINGLE = "snmp6";

    private final Map<String, Long> values;

    private KernelCounters(Map<String, Long> values) {
        this.values = values;
    }

    /** Reads the counters of the calling thread's network namespace. */
    public static KernelCounters read() throws IOException {
        Map<String, Long> values = new HashMap<>();
        for (String file : PAIRED) {
            addPaired(Files.readAllLines(DIRECTORY.resolve(file)), values);
        }
        Path single = DIRECTORY.resolve(SINGLE);
        if (Files.exists(single)) {
            addSingle(Files.readAllLines(single), values);
        }
        return new KernelCounters(values);
    }

    static KernelCounters of(List<String> paired, List<String> single) {
        Map<String, Long> values = new HashMap<>();
        addPaired(paired, values);
        addSingle(single, values);
        return new KernelCounters(values);
    }

    /** Whether this kernel has the counter. */
    public boolean has(String name) {
        return values.containsKey(name);
    }

    /** The value of a counter; 0 where this kernel does not have it. */
    public long value(String name) {
        return values.getOrDefault(name, 0L);
    }

    private static void addPaired(List<String> lines, Map<String, Long> values) {
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            String[] names = lines.get(i).split(" ", -1);
            String[] numbers = lines.get(i + 1).split(" ", -1);
            String protocol = names[0].replace(":", "");
            for (int column = 1; column < Math.min(names.length, numbers.length); column++) {
                values.put(protocol + names[column], Long.parseLong(numbers[column]));
            }
        }
    }

    private static void addSingle(List<String> lines, Map<String, Long> values) {
        for (String line : lines) {
            String[] words = line.split("\\s+", -1);
            if (words.length == 2) {
                values.put(words[0], Long.parseUnsignedLong(words[1]));
            }
        }
    }
}
