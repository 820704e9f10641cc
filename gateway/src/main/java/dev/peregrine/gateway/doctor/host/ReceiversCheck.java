package dev.peregrine.gateway.doctor.host;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import dev.peregrine.gateway.placement.CpuSet;
import dev.peregrine.gateway.placement.ReceivePath;
import dev.peregrine.gateway.placement.ReceivePathReader;
import dev.peregrine.gateway.placement.Receiver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Whether those who receive for the underlay are bound to a worker's CPU. One that may run on any CPU is not: the
 * scheduler, or the gateway, moves it.
 */
public final class ReceiversCheck implements Check {
    private final String name;
    private final String about;
    private final Predicate<Receiver> kind;

    private ReceiversCheck(String name, String about, Predicate<Receiver> kind) {
        this.name = name;
        this.about = about;
        this.kind = kind;
    }

    /** Of the threads of threaded NAPI. */
    public static ReceiversCheck ofThreads() {
        return new ReceiversCheck(
                "napi-threads",
                "No NAPI thread of the underlay's interface is bound to a worker's CPU.",
                Receiver::isThread);
    }

    /** Of interrupts, and of packet steering. */
    public static ReceiversCheck ofInterrupts() {
        return new ReceiversCheck(
                "interrupts",
                "No interrupt of the underlay's interface is served on a worker's CPU, and no packets are steered there"
                        + " (RPS).",
                receiver -> !receiver.isThread());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String about() {
        return about;
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<Link> link = subject.link();
        if (link.isEmpty()) return Finding.skip("the underlay's interface is not known");
        ReceivePath path = ReceivePathReader.ofSystem().look(link.get());
        List<Receiver> receivers = path.receivers().stream().filter(kind).toList();
        if (receivers.isEmpty()) {
            return path.receivers().isEmpty() && !path.gaps().isEmpty()
                    ? Finding.skip(path.gaps().getFirst())
                    : Finding.ok("none");
        }
        return judge(subject, receivers);
    }

    private static Finding judge(Subject subject, List<Receiver> receivers) throws IOException {
        CpuSet allowed = CpuSet.of(CpuAffinity.current());
        CpuSet workers = CpuSet.of(subject.workerCpus());
        List<String> sharing = new ArrayList<>();
        List<String> remedies = new ArrayList<>();
        for (Receiver receiver : receivers) {
            if (receiver.isBound(allowed) && receiver.cpus().intersects(workers)) {
                sharing.add(receiver.name() + " is bound to CPU " + receiver.cpus());
                remedies.add(remedy(receiver, free(allowed, workers)));
            }
        }
        if (sharing.isEmpty()) {
            return Finding.ok(Texts.few(receivers.stream()
                    .map(receiver -> receiver.name() + " on CPU " + receiver.cpus())
                    .toList()));
        }
        return Finding.warn(
                Texts.few(sharing) + ", where workers run (CPU " + workers + "): they take turns", remedies.getFirst());
    }

    private static String free(CpuSet allowed, CpuSet workers) {
        return allowed.without(workers).isEmpty()
                ? "a CPU without a worker"
                : allowed.without(workers).toString();
    }

    private static String remedy(Receiver receiver, String cpus) {
        if (receiver.isThread()) return "taskset -pc " + cpus + " " + receiver.thread() + ", or other workers.cpus";
        String[] words = receiver.name().split(" ", -1);
        return words[0].equals("IRQ")
                ? "echo " + cpus + " > /proc/irq/" + words[1] + "/smp_affinity_list, or other workers.cpus"
                : "echo 0 > /sys/class/net/" + words[2] + "/queues/" + words[3] + "/rps_cpus, or other workers.cpus";
    }
}
