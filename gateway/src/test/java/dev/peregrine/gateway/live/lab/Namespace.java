package dev.peregrine.gateway.live.lab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A network namespace that a test made, and commands in it. Devices in it have no IPv6 unless asked for, so that
 * nothing is sent that a test did not ask for.
 */
public final class Namespace {
    private static final Pattern DEVICE = Pattern.compile("^\\d+: ([^:@]+)", Pattern.MULTILINE);

    private final String name;

    private Namespace(String name) {
        this.name = name;
    }

    static Namespace add(String name) {
        var added = new Namespace(name);
        Command.output("ip", "netns", "add", name);
        added.write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
        added.ip("link set lo up");
        return added;
    }

    /** All names that {@code ip netns} knows. */
    static Set<String> names() {
        return Command.output("ip", "netns", "list")
                .lines()
                .map(line -> line.replaceFirst(" .*", ""))
                .collect(Collectors.toSet());
    }

    public String name() {
        return name;
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

    public List<String> words(String... words) {
        return words(List.of(words));
    }

    public String output(String... words) {
        return Command.output(words(words));
    }

    /** Writes a file under {@code /proc/sys/net} or {@code /sys/class/net} as it is in here. */
    public void write(String file, String text) {
        output("sh", "-c", "echo " + text + " > " + file);
    }

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
    List<Long> processes() {
        return Command.output("ip", "netns", "pids", name)
                .lines()
                .map(Long::valueOf)
                .toList();
    }

    /** Takes the devices with it. A process still in here keeps it alive, nameless. */
    void delete() {
        Command.output("ip", "netns", "delete", name);
    }

    /** Ends what runs in a namespace of that name, and deletes it. */
    static void sweep(String name) {
        var swept = new Namespace(name);
        swept.processes().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        Command.run(List.of("ip", "netns", "delete", name));
    }

    @Override
    public String toString() {
        return name;
    }
}
