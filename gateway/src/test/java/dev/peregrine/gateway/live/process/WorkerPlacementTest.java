package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.FloodPeer;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A worker keeps out of the way of the thread that polls the underlay's interface, and says with whom it shares its
 * CPU.
 */
@LiveTest
class WorkerPlacementTest {
    /** Two looks, and the moment that a busy machine may take. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Path KERNEL_THREADS = Path.of("/proc/2/task/2/children");

    /** Of a name that no other test's interface has: threads of the kernel have no namespaces. */
    private final String device = "w" + ProcessHandle.current().pid() % 1_000_000 + "B";

    private final String peer = device.replace('B', 'A');
    private int last;
    private int other;

    @BeforeEach
    void needsTwoCpusAndThreads() throws LinuxException {
        int[] cpus = CpuAffinity.current();
        boolean missing = cpus.length < 2 || !Files.isReadable(KERNEL_THREADS);
        if (missing) {
            System.err.println("THE PLACEMENT OF WORKERS IS NOT TESTED: that takes two CPUs and " + KERNEL_THREADS);
        }
        Assumptions.assumeFalse(missing, "two CPUs and " + KERNEL_THREADS);
        last = cpus[cpus.length - 1];
        other = cpus[cpus.length - 2];
    }

    private Lab lab() {
        Lab lab = Lab.create(Underlay.IPV4_WIRE);
        lab.connect(lab.hA(), peer, "198.18.8.1", lab.hB(), device, "198.18.8.2");
        return lab;
    }

    private String config(Lab lab, String cpus) {
        return lab.gatewayConfigB().replace("device: uB", "device: " + device).replace(lab.vtepB(), "198.18.8.2")
                + "workers: {count: 1, cpus: " + cpus + "}\n";
    }

    @Test
    void aWorkerMovesOutOfTheWay() {
        try (Lab lab = lab()) {
            threaded(lab, 0);
            try (GatewayProcess gateway = GatewayProcess.start(lab.hB(), config(lab, "auto"))) {
                assertEquals(last, cpu(gateway), "nothing is known: the highest number");
                String gap = gateway.status().path("receiversUnknown").path(0).asText();
                assertTrue(gap.contains("receives on the sender's CPU"), gap);
                threaded(lab, 1);
                String thread = bind(last);
                awaitCpu(gateway, other);
                assertEquals(String.valueOf(other), affinity(gateway));
                assertEquals(
                        other,
                        gateway.row("worker", "name", "worker-0").path("cpu").asInt());
                List<String> moves = moves(gateway);
                assertEquals(1, moves.size(), moves::toString);
                String told =
                        "worker-0 moved from CPU %d to CPU %d: %s runs on CPU %d".formatted(last, other, thread, last);
                assertTrue(moves.getFirst().contains(told), moves::toString);
                assertEquals(List.of(), shared(gateway));
                bind(Math.min(last, other), Math.max(last, other));
                awaitShared(gateway, name -> name.startsWith(thread + " (may run on "));
            }
        }
    }

    @Test
    void aGatewayStartsOutOfTheWay() {
        try (Lab lab = lab()) {
            bind(last);
            try (GatewayProcess gateway = GatewayProcess.start(lab.hB(), config(lab, "auto"))) {
                assertEquals(other, cpu(gateway));
                assertEquals(String.valueOf(other), affinity(gateway));
                JsonNode receiver = gateway.status().path("receivers").path(0);
                assertEquals(String.valueOf(last), receiver.path("cpus").asText(), receiver::toString);
                assertTrue(
                        gateway.log().stream()
                                .anyMatch(line -> line.startsWith("ready") && line.endsWith("on CPU " + other)),
                        gateway::toString);
            }
        }
    }

    @Test
    void aWorkerThatIsToldItsCpuStays() {
        try (Lab lab = lab()) {
            String thread = bind(last);
            try (GatewayProcess gateway = GatewayProcess.start(lab.hB(), config(lab, "[" + last + "]"))) {
                assertEquals(List.of(thread), shared(gateway));
                bind(other);
                awaitShared(gateway, name -> name.isEmpty());
                lab.hB().write("/sys/class/net/" + device + "/queues/rx-0/rps_cpus", Long.toHexString(1L << last));
                awaitShared(gateway, name -> name.equals("RPS of " + device + " rx-0"));
                bind(last);
                awaitShared(gateway, name -> name.equals(thread));
                assertEquals(last, cpu(gateway));
                assertEquals(String.valueOf(last), affinity(gateway));
                assertTrue(moves(gateway).isEmpty(), gateway::toString);
            }
        }
    }

    /**
     * A flood of datagrams that the kernel does not merge, from the other CPU: thread and worker have but one between
     * them.
     */
    @Test
    void aBusyThreadKeepsOffTheWorkersCpu() throws LinuxException {
        boolean hasTwo = CpuAffinity.current().length == 2;
        if (!hasTwo) {
            System.err.println("STEERING OF NAPI THREADS IS NOT TESTED LIVE: with more than two CPUs nobody contends");
        }
        Assumptions.assumeTrue(hasTwo, "two CPUs");
        try (Lab lab = lab()) {
            threaded(lab, 1);
            String config = config(lab, "[" + last + "]")
                    .replace("device: " + device, "device: " + device + ", offload: {gro: off}");
            try (GatewayProcess gateway = GatewayProcess.start(lab.hB(), config)) {
                List<String> flood = new ArrayList<>(List.of("taskset", "-c", "" + other));
                flood.addAll(Jvm.words(FloodPeer.class, "198.18.8.2", "4789", "64", "60"));
                try (BackgroundProcess sender = BackgroundProcess.start(lab.hA().words(flood))) {
                    sender.awaitLine(LIMIT, "it sends", line -> line.equals("sending"));
                    awaitCpus("" + other);
                }
                awaitCpus(other + "-" + last);
                assertTrue(
                        gateway.log().stream()
                                .anyMatch(line ->
                                        line.contains("napi/" + device) && line.contains("keeps to CPUs " + other)),
                        gateway::toString);
            }
        }
    }

    private void awaitCpus(String list) {
        String thread = thread();
        Await.until(
                LIMIT,
                "the NAPI thread may run on CPUs " + list,
                () -> allowed(thread).equals(list),
                () -> allowed(thread));
    }

    private static String allowed(String thread) {
        return allowed(Path.of("/proc", thread, "status"));
    }

    private static String allowed(Path status) {
        return read(status)
                .lines()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .findFirst()
                .orElseThrow()
                .replaceFirst(".*\\s", "");
    }

    private void threaded(Lab lab, int on) {
        lab.hB().write("/sys/class/net/" + device + "/threaded", String.valueOf(on));
    }

    /** Binds the thread that polls the underlay's interface; returns its name. */
    private String bind(int... cpus) {
        String thread = thread();
        String list = Arrays.stream(cpus).mapToObj(String::valueOf).collect(Collectors.joining(","));
        Command.output("taskset", "-pc", list, thread);
        return name(thread);
    }

    /** The number of the thread that polls the underlay's interface. */
    private String thread() {
        return Stream.of(read(KERNEL_THREADS).strip().split(" "))
                .filter(pid -> name(pid).startsWith("napi/" + device + "-"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no thread polls " + device));
    }

    private static String name(String pid) {
        try {
            return Files.readString(Path.of("/proc", pid, "comm")).strip();
        } catch (IOException e) {
            return ""; // it has ended
        }
    }

    private static List<String> moves(GatewayProcess gateway) {
        return gateway.log().stream()
                .filter(line -> line.contains(" moved from CPU "))
                .toList();
    }

    private static int cpu(GatewayProcess gateway) {
        return gateway.status().path("workerCpus").path(0).path("cpu").asInt(-1);
    }

    private static List<String> shared(GatewayProcess gateway) {
        JsonNode names = gateway.status().path("workerCpus").path(0).path("sharedWith");
        return Stream.iterate(0, i -> i < names.size(), i -> i + 1)
                .map(i -> names.get(i).asText())
                .toList();
    }

    private static void awaitCpu(GatewayProcess gateway, int cpu) {
        Await.until(LIMIT, "the worker is on CPU " + cpu, () -> cpu(gateway) == cpu, gateway::status);
        Await.until(LIMIT, "the log says so", () -> !moves(gateway).isEmpty(), gateway::toString);
    }

    /** The empty name is nobody's. */
    private static void awaitShared(GatewayProcess gateway, Predicate<String> with) {
        Await.until(
                LIMIT,
                "the worker shares its CPU as expected",
                () -> shared(gateway).isEmpty()
                        ? with.test("")
                        : shared(gateway).stream().anyMatch(with),
                gateway::status);
    }

    /** The kernel's state of the worker's thread. */
    private static String affinity(GatewayProcess gateway) {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + gateway.pid() + "/task"))) {
            Path worker = threads.filter(thread -> read(thread.resolve("comm")).equals("worker-0\n"))
                    .findFirst()
                    .orElseThrow();
            return allowed(worker.resolve("status"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
