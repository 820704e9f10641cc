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

    @TempDir
    private Path root;

    private final List<String> bound = new ArrayList<>();
    private boolean isRefused;
    private boolean isSeen = true;
    private boolean isNarrowed;
    private int workerCpu = 1;
    private int otherWorkerCpu = -1;
    private FakeSystem system;
    private ReceiverSteering steering;
    private long now = LOOK;
    private long ran;
    private long worked;
    private long waited;

    /** The share of the CPU that the worker has. */
    private double work = 0.3;

    @BeforeEach
    void begin() {
        system = new FakeSystem(root);
        system.file("proc/self/task/" + WORKER + "/comm", "worker-0");
        bindTo("0-1");
        steering = new ReceiverSteering(system.files(), (thread, cpus) -> {
            if (isRefused) {
                CpuAffinity.bind(-1, 0); // fails
            }
            assertEquals(NAPI, thread);
            bound.add(cpus.toString());
            bindTo(isNarrowed && cpus.equals(CpuSet.of(0, 2, 3)) ? "0" : cpus.toString());
        });
        look(0, 0, 1);
    }

    /** A quarter of a second in which the NAPI thread had shares of a CPU, and the worker waited for one. */
    private void look(double load, double wait, int napiCpu) {
        now += LOOK;
        ran += (long) (load * LOOK);
        waited += (long) (wait * LOOK);
        worked += (long) (work * LOOK);
        system.file("proc/self/task/" + WORKER + "/schedstat", worked + " " + waited + " 9");
        system.file("proc/" + NAPI + "/schedstat", ran + " 5 9");
        system.file("proc/" + NAPI + "/stat", NAPI + " (napi/eth0 (8193) S" + " 0".repeat(35) + " " + napiCpu + " 0 0");
        List<ReceiverSteering.WorkerCpu> workers = new ArrayList<>();
        workers.add(new ReceiverSteering.WorkerCpu("worker-0", workerCpu));
        if (otherWorkerCpu >= 0) workers.add(new ReceiverSteering.WorkerCpu("worker-1", otherWorkerCpu));
        steering.look(path(), ALLOWED, workers, now);
    }

    private ReceivePath path() {
        List<Receiver> receivers = List.of(new Receiver("napi/eth0-8193", ALLOWED, NAPI));
        return isSeen ? new ReceivePath(receivers, List.of(), ReceivePath.ANY_NODE) : ReceivePath.unknown("away");
    }

    private void bindTo(String cpus) {
        system.thread(NAPI, "napi/eth0-8193", cpus);
    }

    private void contend() {
        look(0.6, 0.5, 1);
        look(0.6, 0.5, 1);
    }

    @Test
    void isKeptOffWhileBothAreBusyThere() {
        contend();
        for (int i = 0; i < 8; i++) look(0.6, 0, 0);
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

    /** As soon as known flows pass in the kernel. */
    @Test
    void mayRunAnywhereAgainWhenTheWorkersHaveLittleToDo() {
        contend();
        work = 0.05;
        look(0.6, 0.1, 0); // it would do more
        assertEquals(List.of("0"), bound);
        look(0.6, 0, 0);
        assertEquals(List.of("0", "0-1"), bound);
        work = 0.3;
        contend();
        assertEquals(List.of("0", "0-1", "0"), bound);
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
        bindTo("1");
        contend();
        assertEquals(List.of(), bound);
    }

    @Test
    void oneThatSomebodyBindsLaterIsForgotten() {
        contend();
        bindTo("1");
        for (int i = 0; i < 8; i++) look(0, 0, 0);
        steering.close();
        assertEquals(List.of("0"), bound);
    }

    @Test
    void withoutACpuThatNoWorkerHasItStays() {
        otherWorkerCpu = 0;
        contend();
        assertEquals(List.of(), bound);
    }

    @Test
    void itsCpusAreGivenBackThoughTheInterfaceIsNotSeen() {
        contend();
        isSeen = false;
        for (int i = 0; i < 4; i++) look(0, 0, 0);
        assertEquals(List.of("0", "0-1"), bound);
    }

    @Test
    void aBindingThatTheKernelNarrowsIsStillItsOwn() {
        bindTo("0-3");
        contend();
        assertEquals(List.of("0,2-3"), bound);
        bindTo("0-3");
        look(0.6, 0, 0); // somebody else's: forgotten, and bound again below
        isNarrowed = true;
        contend();
        for (int i = 0; i < 4; i++) look(0, 0, 0);
        assertEquals(List.of("0,2-3", "0,2-3", "0-3"), bound);
    }

    @Test
    void toTheChoiceOfCpusItIsAsBefore() {
        contend();
        Receiver receiver = steering.asBefore(path()).receivers().getFirst();
        assertEquals(new Receiver("napi/eth0-8193", ALLOWED, NAPI), receiver);
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
    void whatTheKernelRefusesIsNotTriedAgainWhileTheThreadIsThere() {
        isRefused = true;
        contend();
        isRefused = false;
        contend();
        assertEquals(List.of(), bound);
        isSeen = false;
        look(0, 0, 1);
        isSeen = true;
        contend();
        assertEquals(List.of("0"), bound);
    }
}
