package dev.peregrine.fastpath.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.fastpath.kernel.table.KernelFlow;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * No packet overtakes another of its flow, whatever comes when: flows are installed, killed and out of date while their
 * packets are in the gateway, and some packets walk. The program is the real one, the gateway a queue.
 */
@Tag("live")
class OrderLiveTest {
    private static final int FLOWS = 4;
    private static final int STEPS = 4_000;
    private static final int RACES = 50_000;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    /** When the gateway says that a packet has left. */
    private enum Settles {
        BEHIND_ITS_LAST_WRITE,
        TOO_EARLY
    }

    @SeededTest
    void noPacketOvertakesAnother() throws LinuxException {
        Seed seed = Seed.ofThisRun();
        Life life = new Life(seed, Settles.BEHIND_ITS_LAST_WRITE);
        life.live();
        assertTrue(life.fast > STEPS / 20, () -> seed + ": only " + life.fast + " went fast");
        assertTrue(life.slow > STEPS / 20, () -> seed + ": only " + life.slow + " walked");
    }

    @Test
    void aGatewayThatSettlesTooEarlyIsFound() {
        Seed seed = Seed.ofThisRun();
        AssertionError found = assertThrows(AssertionError.class, () -> {
            for (int i = 0; i < 10; i++) {
                new Life(new Seed(seed.value() + i), Settles.TOO_EARLY).live();
            }
        });
        assertTrue(String.valueOf(found.getMessage()).contains("overtakes"), found::getMessage);
    }

    /** Packets get lost on their way to the gateway, and are written off now and then, when its queues are empty. */
    @SeededTest
    void noPacketOvertakesAnotherWhereSomeGetLost() throws LinuxException {
        Life life = new Life(Seed.ofThisRun(), Settles.BEHIND_ITS_LAST_WRITE);
        life.losesSome = true;
        life.live();
        assertTrue(life.fast > STEPS / 50, () -> life.seed + ": only " + life.fast + " went fast");
        assertTrue(life.writtenOff > 0, () -> life.seed + ": nothing was written off");
    }

    /** Another CPU sends packets of the flow all the time: behind a packet that walks, this one sends none fast. */
    @Test
    void noPacketOvertakesOneThatWalkedWhileAnotherCpuHasTheFlow() throws Exception {
        try (Rig rig = new Rig(PortProgram::withHelper);
                LoadedProgram same = LoadedProgram.load(PortProgram.withHelper(rig.tables, Rig.END));
                ExecutorService other = Executors.newSingleThreadExecutor()) {
            rig.installToTunnel(1);
            int order = rig.order(1);
            byte[] plain = Rig.frame(1).build();
            byte[] last = Rig.frame(1).flags(0x11).build();
            AtomicBoolean isOver = new AtomicBoolean();
            Future<Integer> fast = other.submit(() -> {
                int redirected = 0;
                while (!isOver.get()) {
                    redirected += same.run(plain).verdict() == Verdict.REDIRECT ? 1 : 0;
                }
                return redirected;
            });
            try {
                for (int i = 0; i < RACES; i++) {
                    assertEquals(Verdict.NEXT, rig.verdict(last));
                    assertEquals(Verdict.NEXT, rig.verdict(plain), "it overtakes the one before");
                    rig.settle(order);
                }
            } finally {
                isOver.set(true);
            }
            assertTrue(fast.get() > 0, "the other CPU never sent one fast");
        }
    }

    private static final class Life {
        private final Seed seed;
        private final SplittableRandom random;
        private final Settles settles;
        private final ArrayDeque<int[]> gateway = new ArrayDeque<>();
        private final @Nullable KernelFlow[] installed = new KernelFlow[FLOWS];
        private final int[] orders = new int[FLOWS];
        private final int[] sent = new int[FLOWS];
        private final int[] arrived = new int[FLOWS];
        private int fast;
        private int slow;
        private boolean losesSome;
        private int writtenOff;

        Life(Seed seed, Settles settles) {
            this.seed = seed;
            this.settles = settles;
            random = seed.random();
        }

        void live() throws LinuxException {
            try (Rig rig = new Rig(PortProgram::withHelper)) {
                for (int flow = 0; flow < FLOWS; flow++) {
                    KernelFlow first = rig.installToTunnel(flow);
                    orders[flow] = rig.order(flow);
                    rig.flows.kill(first);
                }
                rig.flows.reclaim();
                for (int step = 0; step < STEPS; step++) {
                    act(rig);
                }
                drain(rig);
                assertTrue(Arrays.equals(sent, arrived), () -> seed + ": lost some");
            }
        }

        private void act(Rig rig) throws LinuxException {
            int flow = random.nextInt(FLOWS);
            switch (random.nextInt(20)) {
                case 0 -> {
                    KernelFlow made = rig.installToTunnel(
                            flow, Rig.toTunnel(rig.tables.epoch().now()));
                    installed[flow] = made;
                    if (made == null) { // all slots wait for a grace period
                        rig.flows.reclaim();
                    }
                }
                case 1 -> kill(rig, flow);
                case 2 -> {
                    if (random.nextInt(4) == 0) {
                        rig.tables.epoch().advance(1);
                    }
                }
                case 3, 4, 5, 6, 7, 8 -> leave(rig);
                default -> send(rig, flow);
            }
            if (losesSome && random.nextInt(60) == 0) {
                writeOff(rig);
            }
        }

        private void writeOff(Rig rig) throws LinuxException {
            rig.flows.noteLosses();
            rig.flows.confirm();
            for (int i = random.nextInt(3); i > 0; i--) {
                send(rig, random.nextInt(FLOWS));
            }
            drain(rig);
            writtenOff += rig.flows.writeOffLosses();
        }

        private void drain(Rig rig) {
            while (!gateway.isEmpty()) {
                leave(rig);
            }
        }

        private void kill(Rig rig, int flow) throws LinuxException {
            KernelFlow killed = installed[flow];
            if (killed != null && random.nextInt(4) == 0) {
                rig.flows.kill(killed);
                installed[flow] = null;
                if (random.nextInt(10) == 0) {
                    rig.flows.reclaim();
                }
            }
        }

        private void send(Rig rig, int flow) throws LinuxException {
            boolean walks = random.nextInt(15) == 0;
            byte[] frame = Rig.frame(flow).flags(walks ? 0x11 : 0x10).build();
            int number = ++sent[flow];
            if (rig.verdict(frame) == Verdict.NEXT) {
                slow++;
                if (losesSome && random.nextInt(10) == 0) {
                    sent[flow]--;
                    return;
                }
                gateway.add(new int[] {flow, number});
                if (settles == Settles.TOO_EARLY) {
                    rig.tables.settled(orders[flow], 1);
                }
            } else {
                fast++;
                arrive(flow, number);
            }
        }

        /** A batch leaves the gateway. */
        private void leave(Rig rig) {
            for (int i = random.nextInt(8); i >= 0 && !gateway.isEmpty(); i--) {
                int[] packet = gateway.remove();
                arrive(packet[0], packet[1]);
                if (settles == Settles.BEHIND_ITS_LAST_WRITE) {
                    rig.tables.settled(orders[packet[0]], 1);
                }
            }
        }

        private void arrive(int flow, int number) {
            int before = arrived[flow];
            assertTrue(
                    number == before + 1,
                    () -> seed + ": packet " + number + " of flow " + flow + " overtakes " + (before + 1));
            arrived[flow] = number;
        }
    }
}
