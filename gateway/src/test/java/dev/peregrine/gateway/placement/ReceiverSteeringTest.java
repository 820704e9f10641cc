package dev.peregrine.gateway.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A NAPI thread is kept off a worker's CPU while both are busy there, and no longer. */
class ReceiverSteeringTest {
    private static final int NAPI = 321;
    private static final int WORKER = 77;
    private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(250);
    private static final CpuSet ALLOWED = CpuSet.of(0, 1);
    private static final CpuSet FIRST = CpuSet.of(0);

    @TempDir
    private Path root;

    private final List<String> bound = new ArrayList<>();
    private boolean isRefused;
    private CpuSet napiCpus = ALLOWED;
    private int workerCpu = 1;
    private FakeSystem system;
    private ReceiverSteering steering;
    private long now = LOOK;
    private long ran;
    private long waited;

    @BeforeEach
    void begin() {
        system = new FakeSystem(root);
        system.file("proc/self/task/" + WORKER + "/comm", "worker-0");
        system.file("proc/" + NAPI + "/comm", "napi/eth0-8193");
        steering = new ReceiverSteering(system.files(), (thread, cpus) -> {
            if (isRefused) {
                CpuAffinity.bind(-1, 0); // fails
            }
            assertEquals(NAPI, thread);
            bound.add(cpus.toString());
        });
        look(0, 0, 1);
    }

    /** A quarter of a second in which the NAPI thread had shares of a CPU, and the worker waited for one. */
    private void look(double load, double wait, int napiCpu) {
        now += LOOK;
        ran += (long) (load * LOOK);
        waited += (long) (wait * LOOK);
        system.file("proc/self/task/" + WORKER + "/schedstat", "5 " + waited + " 9");
        system.file("proc/" + NAPI + "/schedstat", ran + " 5 9");
        system.file("proc/" + NAPI + "/stat", NAPI + " (napi/eth0 (8193) S" + " 0".repeat(35) + " " + napiCpu + " 0 0");
        var worker = new ReceiverSteering.WorkerCpu("worker-0", workerCpu);
        steering.look(path(), ALLOWED, List.of(worker), now);
    }

    private ReceivePath path() {
        return new ReceivePath(
                List.of(new Receiver("napi/eth0-8193", napiCpus, NAPI)), List.of(), ReceivePath.ANY_NODE);
    }

    private void contend() {
        look(0.6, 0.5, 1);
        look(0.6, 0.5, 1);
    }

    @Test
    void isKeptOffWhileBothAreBusyThere() {
        contend();
        assertEquals(List.of("0"), bound);
        napiCpus = FIRST;
        steering.refresh(path());
        look(0.6, 0, 0);
        assertEquals(List.of("0"), bound);
    }

    @Test
    void mayRunAnywhereAgainAfterASecondOfLittle() {
        contend();
        for (int i = 0; i < 3; i++) look(0.05, 0, 0);
        look(0.2, 0, 0); // not that little
        for (int i = 0; i < 3; i++) look(0.05, 0, 0);
        assertEquals(List.of("0"), bound);
        look(0.05, 0, 0);
        assertEquals(List.of("0", "0-1"), bound);
    }

    @Test
    void staysWhereItIsNotInTheWay() {
        for (int i = 0; i < 8; i++) look(0.6, 0.1, 1); // the worker hardly waits
        for (int i = 0; i < 8; i++) look(0.1, 0.6, 1); // it waits for others
        for (int i = 0; i < 8; i++) look(0.6, 0.6, 0); // it waits for others, the thread is elsewhere
        assertEquals(List.of(), bound);
    }

    @Test
    void loadOfLongAgoDoesNotCount() {
        look(0.1, 0.5, 1);
        for (int i = 0; i < 100; i++) look(0.2, 0, 1);
        look(0.1, 0.5, 1);
        look(0.1, 0.5, 1);
        assertEquals(List.of(), bound);
    }

    @Test
    void oneThatSomebodyHasBoundIsLeftAlone() {
        napiCpus = CpuSet.of(1);
        contend();
        assertEquals(List.of(), bound);
    }

    @Test
    void oneThatSomebodyBindsLaterIsForgotten() {
        contend();
        napiCpus = CpuSet.of(1);
        steering.refresh(path());
        for (int i = 0; i < 8; i++) look(0, 0, 0);
        steering.close();
        assertEquals(List.of("0"), bound);
    }

    @Test
    void withoutAnotherCpuItStays() {
        napiCpus = CpuSet.of(1);
        now += LOOK;
        steering.look(path(), CpuSet.of(1), List.of(new ReceiverSteering.WorkerCpu("worker-0", 1)), now);
        contend();
        assertEquals(List.of(), bound);
    }

    @Test
    void followsAWorkerThatMoves() {
        contend();
        workerCpu = 0;
        look(0.6, 0.5, 0);
        assertEquals(List.of("0", "1"), bound);
    }

    @Test
    void closingGivesItsCpusBack() {
        contend();
        steering.close();
        assertEquals(List.of("0", "0-1"), bound);
    }

    @Test
    void aNumberThatAnotherThreadHasIsNotBound() {
        system.file("proc/" + NAPI + "/comm", "sshd");
        contend();
        assertEquals(List.of(), bound);
    }

    @Test
    void whatTheKernelRefusesIsTriedAgain() {
        isRefused = true;
        contend();
        isRefused = false;
        look(0.6, 0.5, 1);
        assertEquals(List.of("0"), bound);
    }
}
