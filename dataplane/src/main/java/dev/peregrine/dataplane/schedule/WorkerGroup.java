package dev.peregrine.dataplane.schedule;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * All workers of a gateway, the links between them, their loads, and the schedule that they follow. The thread that
 * assembles the graphs changes the schedule, only while the workers are at rest.
 */
public final class WorkerGroup {
    /** The default capacity of a link in packets: about that of a backlog of the kernel. */
    public static final int DEFAULT_LINK_CAPACITY = 1024;

    private final List<Worker> workers;
    private final @Nullable Link[][] links;
    private final LoadMeter loads;
    private volatile Schedule schedule = new Schedule.RunToCompletion();
    private volatile @Nullable Steering steering;
    private volatile OrderCheck check;
    private final AtomicInteger generation = new AtomicInteger();

    /**
     * Joins workers by links.
     *
     * @param workers in the order of their numbers
     * @param linkCapacity packets that each link holds
     */
    public WorkerGroup(List<Worker> workers, int linkCapacity) {
        if (workers.size() > Steering.MAX_WORKERS) {
            throw new IllegalArgumentException(workers.size() + " workers, more than " + Steering.MAX_WORKERS);
        }
        this.workers = List.copyOf(workers);
        links = new Link[workers.size()][workers.size()];
        for (Worker from : workers) {
            for (Worker to : workers) {
                if (from != to) {
                    links[from.id()][to.id()] = new Link(to.id(), to.doorbell(), linkCapacity);
                }
            }
        }
        loads = new LoadMeter(workers.size());
        check = new OrderCheck(workers.size(), OrderCheck.SAMPLED);
    }

    /**
     * Checks all flows for reordering, not one of 64; for tests and experiments. Graphs must then be assembled again.
     */
    public void checkAllFlows() {
        check = new OrderCheck(workers.size(), 1);
        generation.incrementAndGet();
    }

    /** Packets that overtook others of their flow, among the checked flows, by the worker that delivered them late. */
    public long reorders(int worker) {
        return check.reorders(worker);
    }

    OrderCheck check() {
        return check;
    }

    /** The workers in the order of their numbers. */
    public List<Worker> workers() {
        return workers;
    }

    /** The link from one worker to another. */
    public Link link(int from, int to) {
        Link link = links[from][to];
        if (link == null) {
            throw new IllegalArgumentException("no link from worker " + from + " to " + to);
        }
        return link;
    }

    /** The links from a worker to all, by number; null to itself. */
    @Nullable
    Link[] linksOf(int worker) {
        return links[worker];
    }

    /** The schedule that graphs are assembled by. */
    public Schedule schedule() {
        return schedule;
    }

    /** Sets the schedule; every worker's graph must then be assembled again. */
    public void schedule(Schedule next) {
        steering = next instanceof Schedule.Pipelined pipelined ? steering(pipelined) : null;
        schedule = next;
        generation.incrementAndGet();
    }

    /** Another one each time that graphs must be assembled with no packet in them. */
    int generation() {
        return generation.get();
    }

    private Steering steering(Schedule.Pipelined pipelined) {
        int[] steered = pipelined.workers().isEmpty()
                ? workers.stream().mapToInt(Worker::id).toArray()
                : pipelined.workers().stream().mapToInt(Integer::intValue).toArray();
        for (int worker : steered) {
            if (worker < 0 || worker >= workers.size()) {
                throw new IllegalArgumentException("there is no worker " + worker);
            }
        }
        return new Steering(steered, pipelined.loadThreshold(), pipelined.balance() == Schedule.Balance.TWO_CHOICES);
    }

    /** How flows are steered; null when the schedule is not pipelined. */
    public @Nullable Steering steering() {
        return steering;
    }

    /** How busy the workers are. */
    public LoadMeter loads() {
        return loads;
    }

    /** Takes a sample of the loads and steers by it; called by one thread at fixed intervals. */
    public void sample(long nowNanos, long[] busyNanos) {
        loads.sample(nowNanos, busyNanos);
        Steering now = steering;
        if (now != null) {
            now.update(loads);
        }
    }

    /** Packets that a worker has handed to others; any thread may ask. */
    public long handOffs(int worker) {
        long sum = 0;
        for (Link link : links[worker]) {
            sum += link == null ? 0 : link.handOffs();
        }
        return sum;
    }

    /** Packets that wait for a worker in its links; any thread may ask. */
    public int depth(int worker) {
        int sum = 0;
        for (Link[] from : links) {
            Link link = from[worker];
            sum += link == null ? 0 : link.depth();
        }
        return sum;
    }
}
