package dev.peregrine.gateway.worker;

import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.ThreadPriority;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.schedule.Input;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.stage.FaultListener;
import dev.peregrine.gateway.config.model.WorkersConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Binds a {@link Worker} to a Netty event loop whose only thread is pinned to a CPU.
 *
 * <p>File descriptors are watched level-triggered: one that is readable marks its input ready and asks for a turn,
 * which is a task of the loop; all descriptors that were found readable together share it. While a turn leaves work
 * behind, the loop looks at the descriptors again without blocking, and only then takes the next turn. A turn must not
 * re-submit itself: the loop runs tasks for up to a second before it looks at the descriptors, and all sources that
 * became ready meanwhile would wait.
 *
 * <p>A worker without a free buffer takes nothing in, and its descriptors stay readable. After some turns without one
 * they rest for a moment, so that the thread does not spin.
 */
public final class EventLoopWorker implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventLoopWorker.class);

    /** Packets in one turn, about: enough to amortise the wake-up, few enough to let tasks run. */
    private static final int TURN_BUDGET = 1024;

    /**
     * The event that a resting descriptor is watched for, which does not happen; for nothing at all, Netty forgets it.
     */
    private static final EpollIoOps RESTING = EpollIoOps.EPOLLRDHUP;

    /** For how long descriptors rest when no buffer was free. */
    private static final long REST_MILLIS = 1;

    /** Turns in a row without a free buffer after which descriptors rest: some ten microseconds. */
    private static final int STARVED_TURNS = 32;

    private final Worker worker;
    private volatile int cpu;
    private final WorkersConfig config;
    private final IdleStrategy idle;
    private final IoEventLoopGroup group;
    private final IoEventLoop loop;
    private final FaultListener faults;
    private final Runnable turn = this::turn;
    private final Runnable askForTurn = this::askForTurn;
    private final List<Watch> resting = new ArrayList<>();
    private boolean awaitsBuffers;
    private int starvedTurns;
    private final Runnable raisedTurn = this::raisedTurn;
    private final List<Watch> heard = new ArrayList<>();
    private boolean turnScheduled;
    private final Counter wakeUps = new Counter();
    private final Counter busyNanos = new Counter();

    /**
     * Starts the event loop of {@code worker} on {@code cpu}.
     *
     * @param config how it waits for packets, its nice value, where the kernel allows it, and its slice
     * @param faults is told of failures that no batch can be blamed for
     */
    EventLoopWorker(Worker worker, int cpu, WorkersConfig config, FaultListener faults) {
        this.worker = worker;
        this.cpu = cpu;
        this.config = config;
        idle = new IdleStrategy(config.idle(), System::nanoTime);
        this.faults = faults;
        group = new MultiThreadIoEventLoopGroup(1, this::thread, EpollIoHandler.newFactory(0, () -> idle));
        loop = group.next();
    }

    /**
     * Loads what event loops are made of, which takes some ten milliseconds. Where it fails, so does the making of a
     * worker.
     */
    public static void prepare() {
        var _ = Epoll.isAvailable();
    }

    private Thread thread(Runnable run) {
        Thread thread = new Thread(
                () -> {
                    settleIn();
                    run.run();
                },
                "worker-" + worker.id());
        thread.setDaemon(true);
        return thread;
    }

    private void settleIn() {
        try {
            CpuAffinity.pin(cpu);
        } catch (LinuxException e) {
            log.warn("worker {} is not pinned to CPU {}: {}", worker.id(), cpu, e.getMessage());
        }
        try {
            if (config.nice().isPresent()) {
                ThreadPriority.nice(config.nice().getAsInt());
            }
        } catch (LinuxException e) {
            log.info("worker {} keeps its nice value: {}", worker.id(), e.getMessage());
        }
        try {
            if (config.sliceMillis().isPresent()) {
                ThreadPriority.slice(
                        TimeUnit.MILLISECONDS.toNanos(config.sliceMillis().getAsInt()));
            }
        } catch (LinuxException e) {
            log.info("worker {} keeps its slice: {}", worker.id(), e.getMessage());
        }
    }

    Worker worker() {
        return worker;
    }

    /** The CPU that the thread is pinned to. */
    public int cpu() {
        return cpu;
    }

    /**
     * Has the thread pin itself to another CPU, some time; where that is refused, the result fails and it stays. Any
     * thread.
     */
    public CompletableFuture<Void> moveTo(int other) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        CpuAffinity.pin(other);
                        cpu = other;
                    } catch (LinuxException e) {
                        throw new CompletionException(e.getMessage(), e);
                    }
                },
                loop);
    }

    /** How often the worker was raised from idleness by another one. */
    public long wakeUps() {
        return wakeUps.value();
    }

    /** Nanoseconds spent in turns so far. */
    public long busyNanos() {
        return busyNanos.value();
    }

    /** Whether the caller is this worker's thread. */
    boolean inLoop() {
        return loop.inEventLoop();
    }

    /** Runs a task on the worker's thread and waits for its result. */
    <T> T call(Callable<T> task) throws Exception {
        return loop.submit(task).get(10, TimeUnit.SECONDS);
    }

    /** Runs a task on the worker's thread, some time. */
    void execute(Runnable task) {
        loop.execute(task);
    }

    /**
     * Polls an input whenever {@code fd} is readable. Called on the worker's thread; the descriptor stays its owner's,
     * who closes the watch first.
     *
     * @param afterTurn runs after each turn that the descriptor caused
     */
    Watch watch(int fd, Input input, Runnable afterTurn) throws IOException {
        assert inLoop() : "not the worker's thread";
        Watch watch = new Watch(new FileDescriptor(fd), input, afterTurn);
        watch.begin();
        return watch;
    }

    /** Polls an input soon, which has packets. On the worker's thread. */
    void ready(Input input) {
        assert inLoop() : "not the worker's thread";
        input.markReady();
        askForTurn();
    }

    /** The loop, for channels of Netty's. */
    EventLoop eventLoop() {
        return loop;
    }

    /** Has the loop run one turn after it has handled the descriptors that it found readable. */
    private void askForTurn() {
        if (!turnScheduled) {
            turnScheduled = true;
            loop.execute(turn);
        }
    }

    private void turn() {
        turnScheduled = false;
        long begin = System.nanoTime();
        run();
        long end = System.nanoTime();
        busyNanos.add(end - begin);
        idle.worked(end, worker.tookBulk());
        lookForBuffers();
        heard.clear();
        if (!worker.prepareToSleep()) {
            idle.goOn(askForTurn);
        }
    }

    private void run() {
        try {
            worker.run(TURN_BUDGET);
            for (int i = 0; i < heard.size(); i++) {
                heard.get(i).afterTurn.run();
            }
        } catch (Throwable fault) {
            faults.failed("worker " + worker.id(), fault);
        }
    }

    /**
     * Lets the descriptors rest that were heard, when no buffer was free in several turns. Other workers may give some
     * back at any time, so the first turns go on at once.
     */
    private void lookForBuffers() {
        starvedTurns = worker.isStarved() ? starvedTurns + 1 : 0;
        if (starvedTurns >= STARVED_TURNS && !awaitsBuffers) {
            awaitsBuffers = true;
            var _ = loop.schedule(this::hearAgain, REST_MILLIS, TimeUnit.MILLISECONDS);
        }
        if (awaitsBuffers) {
            for (int i = 0; i < heard.size(); i++) {
                heard.get(i).rest();
            }
        }
    }

    /** Lets descriptors be heard again that rested, and sees whether other workers gave buffers back. */
    private void hearAgain() {
        awaitsBuffers = false;
        starvedTurns = 0;
        resting.forEach(watch -> watch.registration.submit(EpollIoOps.EPOLLIN));
        resting.clear();
        turn();
    }

    /** Gives the worker a turn, because another one handed it packets while it was asleep. Any thread. */
    void raise() {
        try {
            loop.execute(raisedTurn);
        } catch (RejectedExecutionException e) {
            log.debug("worker {} has ended", worker.id(), e);
        }
    }

    /** Gives the worker a turn, some time. Any thread. */
    void takeTurn() {
        loop.execute(turn);
    }

    private void raisedTurn() {
        wakeUps.add(1);
        turn();
    }

    /** Ends the event loop after the current turn and the tasks that wait. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(6, TimeUnit.SECONDS);
    }

    /** Whether the thread has ended, so that nobody uses the worker's memory any more. */
    boolean hasEnded() {
        return group.isTerminated();
    }

    /** A descriptor under watch. */
    final class Watch implements EpollIoHandle {
        private final FileDescriptor descriptor;
        private final Input input;
        private final Runnable afterTurn;
        private volatile IoRegistration registration;

        @SuppressWarnings("NullAway.Init") // set by begin, before the watch is handed out
        private Watch(FileDescriptor descriptor, Input input, Runnable afterTurn) {
            this.descriptor = descriptor;
            this.input = input;
            this.afterTurn = afterTurn;
        }

        private void begin() throws IOException {
            Future<IoRegistration> registered = loop.register(this); // done: this is the loop's thread
            if (!registered.isSuccess()) {
                throw refused(registered.cause());
            }
            registration = registered.getNow();
            try {
                registration.submit(EpollIoOps.EPOLLIN);
            } catch (UncheckedIOException e) {
                registration.cancel();
                throw refused(Objects.requireNonNullElse(e.getCause(), e));
            }
        }

        private IOException refused(Throwable why) {
            return new IOException(
                    "descriptor " + descriptor.intValue() + " cannot be watched: " + why.getMessage(), why);
        }

        @Override
        public FileDescriptor fd() {
            return descriptor;
        }

        @Override
        public void handle(IoRegistration source, IoEvent event) {
            input.markReady();
            heard.add(this);
            askForTurn();
        }

        private void rest() {
            if (registration.isValid()) {
                registration.submit(RESTING);
                resting.add(this);
            }
        }

        /** Ends the watch. The descriptor stays open. Called on the worker's thread. */
        @Override
        public void close() {
            resting.remove(this);
            registration.cancel();
        }
    }
}
