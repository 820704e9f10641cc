package dev.peregrine.gateway.placement;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Napi;
import dev.peregrine.dataplane.linux.netlink.Netdev;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Finds out who receives for an interface: the threads of threaded NAPI, else interrupts, and whom packets are steered
 * to (RPS); for a bridge, a bond or a VLAN those of the interfaces below it. One thread at a time, in the gateway's
 * network namespace.
 */
public final class ReceivePathReader {
    /** Interfaces below one that are looked at: a bridge may have a thousand. */
    private static final int MOST_DEVICES = 64;

    private static final int MOST_NAMES = 4096;
    private static final int MOST_QUEUES = 256;
    private static final String LOWER = "lower_";

    private final SystemFiles files;
    private final Napis napis;
    private final NapiThreads threads;
    private final Interrupts interrupts;

    /** Where NAPI instances are asked for. */
    @FunctionalInterface
    interface Napis {
        /** Those of some interfaces by their numbers. */
        Map<Integer, List<Napi>> of(Set<Integer> indexes) throws IOException;
    }

    ReceivePathReader(SystemFiles files, Napis napis) {
        this.files = files;
        this.napis = napis;
        threads = new NapiThreads(files);
        interrupts = new Interrupts(files);
    }

    /** Reads what this system tells. */
    public static ReceivePathReader ofSystem() {
        return new ReceivePathReader(new SystemFiles(Path.of("/")), ReceivePathReader::napis);
    }

    private static Map<Integer, List<Napi>> napis(Set<Integer> indexes) throws LinuxException {
        Map<Integer, List<Napi>> found = new HashMap<>();
        try (Netdev netdev = Netdev.open()) {
            for (int index : indexes) {
                found.put(index, netdev.napis(index));
            }
        }
        return found;
    }

    /** Looks now; never fails, but says what it could not find out. */
    public ReceivePath look(Link link) {
        if (link.isLoopback()) {
            return ReceivePath.unknown("the loopback interface receives on the sender's CPU");
        }
        List<Receiver> receivers = new ArrayList<>();
        List<String> gaps = new ArrayList<>();
        if (!isShown(link)) {
            polling(Map.of(link.name(), link.index())).values().forEach(polling -> {
                receivers.addAll(polling.threads());
                gaps.addAll(polling.gaps());
            });
            gaps.add("/sys/class/net does not show " + link.name() + ": it is of another network namespace");
            return new ReceivePath(receivers, gaps, ReceivePath.ANY_NODE);
        }
        Map<String, Integer> devices = devices(link.name());
        polling(devices).forEach((device, polling) -> add(device, polling, receivers, gaps));
        if (receivers.isEmpty() && gaps.isEmpty()) {
            gaps.add(link.name() + " has neither an IRQ nor a NAPI thread: it receives on the sender's CPU");
        }
        return new ReceivePath(receivers, gaps, node(devices.keySet()));
    }

    /** A sysfs that was mounted in another network namespace shows that one's interfaces, perhaps one of this name. */
    private boolean isShown(Link link) {
        String mac = String.format(Locale.ROOT, "%012x", link.mac());
        String address =
                files.line("sys/class/net/%s/address".formatted(link.name())).orElse("");
        return files.number("sys/class/net/%s/ifindex".formatted(link.name())).orElse(0) == link.index()
                && (link.mac() == 0 || address.replace(":", "").startsWith(mac));
    }

    /** An interface and those below it, with their numbers. */
    private Map<String, Integer> devices(String device) {
        Map<String, Integer> devices = new LinkedHashMap<>();
        List<String> queue = new ArrayList<>(List.of(device));
        for (int next = 0; next < queue.size() && devices.size() < MOST_DEVICES; next++) {
            String name = queue.get(next);
            if (devices.containsKey(name)) {
                continue;
            }
            devices.put(
                    name,
                    files.number("sys/class/net/%s/ifindex".formatted(name)).orElse(0));
            files.names("sys/class/net/" + name, MOST_NAMES).stream()
                    .filter(entry -> entry.startsWith(LOWER))
                    .map(entry -> entry.substring(LOWER.length()))
                    .forEach(queue::add);
        }
        return devices;
    }

    /** How interfaces are polled, in the order given. */
    private Map<String, NapiThreads.Polling> polling(Map<String, Integer> devices) {
        Map<String, NapiThreads.Polling> polling = new LinkedHashMap<>();
        try {
            Map<Integer, List<Napi>> told = napis.of(new HashSet<>(devices.values()));
            devices.forEach((device, index) ->
                    polling.put(device, threads.look(device, told.getOrDefault(index, List.of()))));
        } catch (IOException e) { // Linux before 6.8 has no such request
            devices.keySet().forEach(device -> polling.put(device, threads.lookByName(device)));
        }
        return polling;
    }

    private void add(String device, NapiThreads.Polling polling, List<Receiver> receivers, List<String> gaps) {
        receivers.addAll(polling.threads());
        gaps.addAll(polling.gaps());
        if (!polling.onlyThreads() && files.exists("sys/class/net/%s/device".formatted(device))) {
            List<Receiver> found = interrupts.look(device, polling.irqs(), gaps);
            receivers.addAll(found);
            if (found.isEmpty() && polling.threads().isEmpty() && gaps.isEmpty()) {
                gaps.add("no IRQ of " + device + " was found");
            }
        }
        addSteering(device, receivers);
    }

    private void addSteering(String device, List<Receiver> receivers) {
        List<String> queues = files.names("sys/class/net/" + device + "/queues", 2 * MOST_QUEUES);
        for (String queue : queues.stream()
                .filter(name -> name.startsWith("rx-"))
                .sorted()
                .limit(MOST_QUEUES)
                .toList()) {
            files.line("sys/class/net/%s/queues/%s/rps_cpus".formatted(device, queue))
                    .flatMap(CpuSet::parseMask)
                    .filter(cpus -> !cpus.isEmpty())
                    .ifPresent(cpus -> receivers.add(new Receiver("RPS of " + device + " " + queue, cpus)));
        }
    }

    /** The node of the cards, if all are on one. */
    private int node(Set<String> devices) {
        int[] nodes = devices.stream()
                .flatMap(device -> files
                        .number("sys/class/net/%s/device/numa_node".formatted(device))
                        .or(() -> files.number("sys/class/net/%s/device/../numa_node".formatted(device)))
                        .stream())
                .mapToInt(Integer::intValue)
                .distinct()
                .toArray();
        return IntStream.of(nodes).filter(node -> nodes.length == 1).findFirst().orElse(ReceivePath.ANY_NODE);
    }
}
