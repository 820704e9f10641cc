package dev.peregrine.gateway.tier;

import dev.peregrine.fastpath.FlowOffer;
import dev.peregrine.fastpath.FlowOffers;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.fastpath.kernel.table.OrderBook;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tier's part of each worker: the packets that it counts out, and the flows that it offers. Belongs to the control
 * thread.
 *
 * <p>A worker counts packets out only once those from before a program have left it. If it counted one that the program
 * has not counted in, both counts could be equal while packets are still in a queue, and the next one would overtake
 * them. Packets that it has not counted out yet only let their flows wait.
 */
final class WorkerEnds {
    private static final Logger log = LoggerFactory.getLogger(WorkerEnds.class);

    private final List<EventLoopLane> lanes;
    private final List<OrderBook> books = new ArrayList<>();
    private final List<FlowOffers> offers = new ArrayList<>();
    private volatile boolean isLeaving;

    WorkerEnds(List<EventLoopLane> lanes) {
        this.lanes = lanes;
    }

    /**
     * Has workers offer their flows; they count nothing yet.
     *
     * @param ports numbers of ports are below
     * @param superframes whether flows of superframes are offered
     */
    void join(KernelTables tables, int ports, boolean superframes) throws IOException {
        for (EventLoopLane lane : lanes) {
            OrderBook book = new OrderBook(tables, ports);
            FlowOffers ring = new FlowOffers(superframes);
            books.add(book);
            offers.add(ring);
            lane.call(() -> {
                lane.worker().afterBatch(book::left);
                lane.fastPath().below(book, ring);
                return true;
            });
        }
    }

    /** Has workers count datagrams out. A grace period after the program at the underlay was attached. */
    void countDatagrams() {
        for (int i = 0; i < lanes.size(); i++) {
            EventLoopLane lane = lanes.get(i);
            OrderBook book = books.get(i);
            whenEmpty(lane, () -> isLeaving, () -> lane.underlay().announceTo(book::came));
        }
    }

    /**
     * Has workers count frames of a local port out. A grace period after the program at the port was attached.
     *
     * @param isGone whether the program has ended meanwhile; any thread may ask
     */
    void countFrames(int port, BooleanSupplier isGone) {
        for (int i = 0; i < lanes.size(); i++) {
            OrderBook book = books.get(i);
            whenEmpty(lanes.get(i), () -> isLeaving || isGone.getAsBoolean(), () -> book.counts(port, true));
        }
    }

    private static void whenEmpty(EventLoopLane lane, BooleanSupplier isVoid, Runnable task) {
        EmptyQueues.await(lane, isVoid, areEmpty -> {
            if (areEmpty && !isVoid.getAsBoolean()) {
                task.run();
            }
        });
    }

    /** Has workers no longer count frames of a local port; {@link #countFrames} of it is void already. */
    void forgetFrames(int port) {
        for (int i = 0; i < lanes.size(); i++) {
            OrderBook book = books.get(i);
            book.counts(port, false);
            lanes.get(i).execute(() -> book.counts(port, false)); // a worker may have begun just now
        }
    }

    /** Takes the flows that workers have offered since the last call. */
    void take(BiConsumer<EventLoopLane, FlowOffer> taker) {
        for (int i = 0; i < offers.size(); i++) {
            EventLoopLane lane = lanes.get(i);
            offers.get(i).take(offer -> taker.accept(lane, offer));
        }
    }

    /** Whether no worker uses the tables any more: one that is stuck may. */
    boolean leave() {
        isLeaving = true;
        boolean isLeft = true;
        for (EventLoopLane lane : lanes) {
            try {
                lane.call(() -> {
                    lane.fastPath().below(null, null);
                    lane.worker().afterBatch(null);
                    lane.underlay().announceTo(null);
                    return true;
                });
            } catch (IOException | IllegalStateException e) {
                log.warn("worker {} does not leave its tier in the kernel: {}", lane.id(), e.getMessage());
                isLeft = false;
            }
        }
        return isLeft;
    }
}
