package dev.peregrine.gateway.placement;

import dev.peregrine.dataplane.linux.netlink.Napi;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The kernel threads that poll an interface, where NAPI is threaded. Linux 6.8 and later name them by netlink. With
 * older ones they are found by their names among the threads of the kernel, which have no namespaces: those of an
 * interface of the same name elsewhere are taken for this one's. One thread at a time.
 */
final class NapiThreads {
    /** The parent of all threads of the kernel, in the initial pid namespace. */
    private static final int KTHREADD = 2;

    /** Threads that are looked at in a search by name. */
    private static final int MOST_THREADS = 8192;

    /** Looks for which a search by name holds: it reads a file for each thread of the kernel. */
    private static final int SEARCH_LOOKS = 12;

    /** Linux before 5.17 shows no more of a name. */
    private static final int SHORT_NAME = 15;

    private final SystemFiles files;
    private final Map<String, Found> found = new HashMap<>();

    private record Found(List<Integer> threads, int looks) {}

    /**
     * How an interface is polled.
     *
     * @param threads those that poll
     * @param irqs that wake others; empty if the driver does not tell
     * @param onlyThreads whether nobody else polls
     * @param gaps what is not known, and why
     */
    record Polling(List<Receiver> threads, List<Integer> irqs, boolean onlyThreads, List<String> gaps) {}

    NapiThreads(SystemFiles files) {
        this.files = files;
    }

    /** Looks at an interface whose NAPI instances netlink has told. */
    Polling look(String device, List<Napi> napis) {
        boolean all = isThreaded(device);
        List<Integer> irqs = new ArrayList<>();
        List<Integer> pollers = new ArrayList<>();
        for (Napi napi : napis) {
            if (napi.thread() != 0 && (napi.threaded() || all)) {
                pollers.add(napi.thread());
            } else if (napi.irq() > 0 && !irqs.contains(napi.irq())) {
                irqs.add(napi.irq());
            }
        }
        return polling(device, pollers, irqs, !napis.isEmpty() && pollers.size() == napis.size());
    }

    /** Looks at an interface of which netlink tells nothing. */
    Polling lookByName(String device) {
        if (!isThreaded(device)) {
            found.remove(device);
            return new Polling(List.of(), List.of(), false, List.of());
        }
        if (!"kthreadd".equals(name(KTHREADD).orElse(""))) {
            return new Polling(List.of(), List.of(), true, List.of(invisible(device)));
        }
        Found before = found.get(device);
        Found now = before != null && holds(before, device)
                ? new Found(before.threads, before.looks + 1)
                : new Found(search(device), 0);
        found.put(device, now);
        Polling polling = polling(device, now.threads, List.of(), !now.threads.isEmpty());
        return new Polling(asNames(polling.threads), polling.irqs, polling.onlyThreads, polling.gaps);
    }

    /** Without their numbers, lest one that is of another namespace be bound. */
    private static List<Receiver> asNames(List<Receiver> threads) {
        return threads.stream()
                .map(thread -> new Receiver(thread.name(), thread.cpus()))
                .toList();
    }

    private boolean holds(Found before, String device) {
        return before.looks < SEARCH_LOOKS && before.threads.stream().allMatch(thread -> isNamed(thread, device));
    }

    /** Whether threads poll the interface as a whole; Linux 6.17 and later may have some of its instances be so. */
    private boolean isThreaded(String device) {
        return files.number("sys/class/net/%s/threaded".formatted(device)).orElse(0) != 0;
    }

    private List<Integer> search(String device) {
        String children = files.text("proc/%s/task/%s/children".formatted(KTHREADD, KTHREADD))
                .orElse("");
        return Stream.of(children.strip().split("\\s+", -1))
                .filter(text -> text.matches("\\d{1,9}"))
                .limit(MOST_THREADS)
                .map(Integer::valueOf)
                .filter(thread -> isNamed(thread, device))
                .toList();
    }

    private boolean isNamed(int thread, String device) {
        String prefix = "napi/" + device + "-";
        String name = name(thread).orElse("");
        return name.startsWith(prefix) || (name.length() == SHORT_NAME && prefix.startsWith(name));
    }

    private Polling polling(String device, List<Integer> threads, List<Integer> irqs, boolean onlyThreads) {
        List<Receiver> receivers = new ArrayList<>();
        for (int thread : threads) {
            Optional<String> name = name(thread).filter(text -> text.startsWith("napi/"));
            Optional<CpuSet> cpus = name.flatMap(text -> allowed(files, thread));
            cpus.ifPresent(set -> receivers.add(new Receiver(name.orElse(""), set, thread)));
        }
        List<String> gaps = receivers.size() == threads.size() ? List.of() : List.of(invisible(device));
        return new Polling(receivers, irqs, onlyThreads, gaps);
    }

    /** Where a thread may run; empty if it is not there. */
    static Optional<CpuSet> allowed(SystemFiles files, int thread) {
        return files.text("proc/%s/status".formatted(thread)).flatMap(CpuSet::allowed);
    }

    private Optional<String> name(int thread) {
        return files.line("proc/%s/comm".formatted(thread));
    }

    private static String invisible(String device) {
        return "the NAPI threads of " + device + " cannot be seen from this pid namespace";
    }
}
