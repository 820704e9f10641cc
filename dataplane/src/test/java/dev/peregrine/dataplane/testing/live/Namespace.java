package dev.peregrine.dataplane.testing.live;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A network namespace, and commands in it. Names are unique on the machine and carry the id of this process, by which
 * the next one deletes what a killed one left. Closing deletes the namespace.
 */
public final class Namespace implements AutoCloseable {
    private static final String PREFIX = "pgl";
    private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d+)\\.\\d+-\\w+");
    private static final Pattern DEVICE = Pattern.compile("^\\d+: ([^:@]+)", Pattern.MULTILINE);
    private static final AtomicInteger GROUPS = new AtomicInteger();

    private final String name;
    private boolean deleted;

    private Namespace(String name) {
        this.name = name;
    }

    /** The beginning of names that no other namespace on this machine has. */
    public static String uniquePrefix() {
        return PREFIX + ProcessHandle.current().pid() + "." + GROUPS.incrementAndGet() + "-";
    }

    /** Makes one by itself, whose devices are as the kernel makes them. */
    public static Namespace create() {
        return add(uniquePrefix() + "ns");
    }

    /** Makes one of that name, whose devices are as the kernel makes them. */
    public static Namespace add(String name) {
        Cleaning.begin();
        Command.output("ip", "netns", "add", name);
        return new Namespace(name);
    }

    /** One that exists. */
    public static Namespace of(String name) {
        return new Namespace(name);
    }

    /** All names that {@code ip netns} knows. */
    public static Set<String> names() {
        return Command.output("ip", "netns", "list")
                .lines()
                .map(line -> line.replaceFirst(" .*", ""))
                .collect(Collectors.toSet());
    }

    /** This one and those that were made under the same {@linkplain #uniquePrefix prefix} and still exist. */
    public List<Namespace> siblings() {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) return List.of(this);
        String prefix = name.substring(0, name.indexOf('-') + 1);
        return names().stream()
                .filter(other -> other.startsWith(prefix))
                .map(Namespace::of)
                .toList();
    }

    /** As {@code ip netns} has it. */
    public String name() {
        return name;
    }

    /** To run something of this process in it. */
    public NetNamespace netNamespace() {
        return NetNamespace.of(name);
    }

    /** Makes something of this process, a socket for one, in here. */
    public <T> T inside(Callable<T> action) throws LinuxException {
        return netNamespace().call(() -> {
            try {
                return action.call();
            } catch (LinuxException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new LabError("in " + name, e);
            }
        });
    }

    /** Devices that are made later have no IPv6 unless asked for, and send nothing that nobody asked for. */
    public Namespace quiet() {
        write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
        ip("link set lo up");
        return this;
    }

    /** {@code ip -n NAME WORDS}, with the words separated by single spaces. */
    public String ip(String words) {
        List<String> line = new ArrayList<>(List.of("ip", "-n", name));
        line.addAll(Arrays.asList(words.split(" ")));
        return Command.output(line);
    }

    /** The command line that runs {@code words} in here. */
    public List<String> words(List<String> words) {
        List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", name));
        line.addAll(words);
        return line;
    }

    /** The command line that runs {@code words} in here. */
    public List<String> words(String... words) {
        return words(List.of(words));
    }

    /** The output of a command that must succeed in here. */
    public String output(String... words) {
        return Command.output(words(words));
    }

    /** Writes a file under {@code /proc/sys/net} or {@code /sys/class/net} as it is in here. */
    public void write(String file, String text) {
        output("sh", "-c", "echo " + text + " > " + file);
    }

    /** Lets a device have IPv6 addresses. */
    public void enableIpv6(String device) {
        write("/proc/sys/net/ipv6/conf/" + device + "/disable_ipv6", "0");
    }

    /** Names of devices of one kind, such as {@code tun} or {@code vxlan}. */
    public List<String> devices(String kind) {
        List<String> names = new ArrayList<>();
        Matcher line = DEVICE.matcher(ip("-o link show type " + kind));
        while (line.find()) names.add(line.group(1));
        return names;
    }

    /** Processes that run in here. */
    public List<Long> processes() {
        return Command.output("ip", "netns", "pids", name)
                .lines()
                .map(Long::valueOf)
                .toList();
    }

    /** Takes the devices with it. A process still in here keeps it alive, nameless. */
    public void delete() {
        deleted = true;
        Command.output("ip", "netns", "delete", name);
    }

    @Override
    public void close() {
        if (!deleted) delete();
    }

    /** Ends what runs in a namespace of that name, and deletes it. */
    public static void sweep(String name) {
        var swept = new Namespace(name);
        swept.processes().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        Command.run(List.of("ip", "netns", "delete", name));
    }

    @Override
    public String toString() {
        return name;
    }

    /** Before the first is made, those of processes that are no more go; at the end of this one, its own. */
    private static final class Cleaning {
        static {
            sweepDead();
            String own = PREFIX + ProcessHandle.current().pid() + ".";
            Runtime.getRuntime().addShutdownHook(new Thread(() -> sweepAll(own)));
        }

        static void begin() {}

        private static void sweepDead() {
            for (String name : names()) {
                Matcher matcher = NAME.matcher(name);
                if (!matcher.matches()) continue;
                long pid = Long.parseLong(matcher.group(1));
                if (ProcessHandle.of(pid).isEmpty()) sweep(name);
            }
        }

        private static void sweepAll(String prefix) {
            for (String name : names()) if (name.startsWith(prefix)) sweep(name);
        }
    }
}
