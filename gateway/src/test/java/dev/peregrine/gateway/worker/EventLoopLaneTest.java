package dev.peregrine.gateway.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.dataplane.policy.conntrack.FlowTimeouts;
import dev.peregrine.dataplane.schedule.WorkerGroup;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.gateway.Configured;
import dev.peregrine.overlay.LaneSpec;
import dev.peregrine.overlay.VirtualDevices;
import dev.peregrine.overlay.Wiring;
import dev.peregrine.vxlan.TunnelSettings;
import dev.peregrine.vxlan.Vtep;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopLaneTest {
    private final Fdb fdb = new Fdb(16);
    private final Port staying = new Port(0, "staying", 0, false, 1450);
    private final Port leaving = new Port(1, "leaving", 0, false, 1450);
    private final VirtualDevices devices = new VirtualDevices(
            fdb,
            new Vtep(TunnelSettings.DEFAULT),
            new Policy(1, fdb, new FlowStates(16, FlowTimeouts.DEFAULT, true)),
            new Bridge(fdb, 2, () -> {}),
            List.of(staying, leaving));
    private final EventLoopLane lane = new EventLoopLane(
            0,
            new EventLoopLane.Plan(
                    new LaneSpec(1, 64, 64, devices, null, System::nanoTime, (_, _) -> {}, Instruments.NONE),
                    false,
                    8,
                    List.of(CpuAffinity.current()[0]),
                    Configured.workers("idle: block")));
    private final WorkerGroup group = new WorkerGroup(List.of(lane.worker()), 64);
    private final AtomicInteger closed = new AtomicInteger();

    EventLoopLaneTest() throws LinuxException {} // of the CPU that the worker is pinned to

    @AfterEach
    void close() {
        lane.stop();
        lane.close();
    }

    private void prepare(List<Port> ports) {
        lane.prepare(
                group,
                Wiring.topology(devices.with(ports), false, _ -> lane.received(), null),
                ports,
                Instruments.NONE);
    }

    /** The worker is slow to answer, and the control thread has gone on with the next graph. */
    @Test
    void anEndpointIsClosedThoughItsPortHasLeftThePreparedGraph() throws Exception {
        prepare(devices.ports());
        lane.take();
        EventLoopLane.Attachment attachment = lane.attach(leaving, Silent::new, false, () -> {});
        CountDownLatch busy = new CountDownLatch(1);
        lane.execute(() -> awaitUninterruptibly(busy));
        FutureTask<Boolean> detaching = new FutureTask<>(() -> {
            attachment.detach();
            return true;
        });
        Thread.ofVirtual().start(detaching);
        prepare(List.of(staying));
        busy.countDown();
        detaching.get(30, TimeUnit.SECONDS);
        assertEquals(1, closed.get());
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** An endpoint that nothing comes from. */
    private final class Silent implements Endpoint {
        @Override
        public int fd() {
            return -1;
        }

        @Override
        public boolean isGone() {
            return false;
        }

        @Override
        public int poll(Batch batch) {
            return 0;
        }

        @Override
        public void accept(Batch batch) {
            batch.release();
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }
}
