package dev.peregrine.bench.wire.drops;

import dev.peregrine.bench.wire.lab.Installation;
import dev.peregrine.bench.wire.lab.Lab;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads all drop counters of a lab, while nothing is measured there: those of its four hosts, and of host B's program.
 */
public final class LabCounters {
    private static final List<String> HOSTS = List.of("hA", "hB", "cA", "cB");
    private static final Path TABLES = Path.of("/proc/thread-self/net");

    /**
     * The counters that only programs report, in one run: "# host", then lines of tc and ss, then for each device "@
     * device" and its own. Not all devices have all, and some kernels complain.
     */
    private static final String SCRIPT = """
            exec 2>/dev/null
            for host in hA hB cA cB; do
              echo "# $host"
              ip netns exec "$1-$host" sh -c '
                tc -j -s qdisc show
                ss --packet --numeric --memory --no-header --oneline
                for device in uA uB port0 eth0; do
                  [ -e /sys/class/net/$device ] || continue
                  echo "@ $device"
                  ethtool -S $device
                done'
            done
            true
            """;

    private final Lab lab;
    private final Installation installation;
    private final Counters before;

    private LabCounters(Lab lab, Installation installation) throws IOException {
        this.lab = lab;
        this.installation = installation;
        before = read();
    }

    /** Reads them for the first time. The program on host B must run to report its own. */
    public static LabCounters start(Lab lab, Installation installation) throws IOException {
        return new LabCounters(lab, installation);
    }

    /** Packets lost since the first reading, by place. Everything that was sent has to have arrived. */
    public Counters lost() throws IOException {
        return Places.of(read().since(before));
    }

    private Counters read() throws IOException {
        Counters counters = new Counters();
        Tables tables = new Tables(lab, counters);
        NetNamespace.forEach(
                HOSTS.stream().map(host -> lab.on(host).netNamespace()).toList(), tables);
        if (tables.failure != null) {
            throw tables.failure;
        }
        List<String> words = List.of("sh", "-c", SCRIPT, "sh", lab.name());
        counters.addAll(programs(Command.output(words)));
        counters.addAll(KernelTables.backlog(Files.readString(TABLES.resolve("softnet_stat"))));
        installation.counters().forEach((name, count) -> counters.add("hB/peregrine/" + name, count));
        return counters;
    }

    /** Parses the output of the script. */
    static Counters programs(String text) throws IOException {
        Counters counters = new Counters();
        for (String part : text.split("(?m)^# ", -1)) {
            String[] devices = part.split("(?m)^@ ", -1);
            String host = firstLine(devices[0]);
            for (String line : rest(devices[0]).lines().toList()) {
                if (line.startsWith("[")) {
                    counters.addAll(KernelTables.queues(host, line));
                } else {
                    counters.addAll(KernelTables.packetSocket(host, line));
                }
            }
            for (int i = 1; i < devices.length; i++) {
                counters.addAll(KernelTables.veth(host, firstLine(devices[i]), rest(devices[i])));
            }
        }
        return counters;
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static String rest(String text) {
        return text.substring(Math.min(text.length(), firstLine(text).length()));
    }

    /** Goes from host to host; the tables are of whichever namespace the thread is in. */
    private static final class Tables implements NetNamespace.Visitor {
        private final Lab lab;
        private final Counters counters;
        private @Nullable IOException failure;

        Tables(Lab lab, Counters counters) {
            this.lab = lab;
            this.counters = counters;
        }

        @Override
        public void visit(NetNamespace namespace) {
            String host = namespace.name().substring(lab.name().length() + 1);
            try {
                counters.addAll(KernelTables.devices(host, Files.readString(TABLES.resolve("dev"))));
                counters.addAll(KernelTables.protocols(host, Files.readString(TABLES.resolve("snmp"))));
                counters.addAll(KernelTables.protocols(host, Files.readString(TABLES.resolve("netstat"))));
                counters.addAll(KernelTables.ipv6(host, Files.readString(TABLES.resolve("snmp6"))));
            } catch (IOException e) {
                failure = e;
            }
        }

        @Override
        public void missing(NetNamespace namespace) {
            failure = new IOException("no namespace " + namespace.name());
        }

        @Override
        public void failed(NetNamespace namespace, LinuxException why) {
            failure = why;
        }
    }
}
