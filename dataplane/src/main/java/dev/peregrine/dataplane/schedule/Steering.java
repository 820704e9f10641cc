package dev.peregrine.dataplane.schedule;

/**
 * Chooses the worker that runs a device for a flow: Falcon's algorithm 1 (EuroSys'21, section 4.3).
 *
 * <pre>
 *   h = hash32(flowHash + deviceId);  w = workers[h % n]
 *   if w is not busy: w               first choice
 *   else: workers[hash32(h) % n]      second choice, taken even if busy
 * </pre>
 *
 * <p>While the mean load is at or over the threshold, pipelining is off: a packet stays with the worker that has it.
 * Besides flow and device, the choice depends on one number only, the <em>path</em>: which workers are busy, or that
 * pipelining is off. It changes when loads are sampled; the path that a packet carries steers it.
 */
public final class Steering {
    /** The path of packets that stay where they are: pipelining is off. */
    public static final long HOME = Long.MIN_VALUE;

    /** The path when no worker is busy. */
    static final long IDLE = 0L;

    /** The most workers: a bit of the path for each. */
    public static final int MAX_WORKERS = 63;

    private static final int GOLDEN_RATIO_32 = 0x61C88647;

    private final int[] workers;
    private final int loadThreshold;
    private final boolean twoChoices;
    private volatile long path = IDLE;

    /**
     * Steering that takes all workers for idle until {@link #update} is called.
     *
     * @param workers numbers of the workers that devices may run on
     * @param loadThreshold percent, from which on a worker is busy and, as a mean, pipelining is off
     * @param twoChoices whether there is a second choice
     */
    public Steering(int[] workers, int loadThreshold, boolean twoChoices) {
        this.workers = workers.clone();
        this.loadThreshold = loadThreshold;
        this.twoChoices = twoChoices;
    }

    /** Steering that leaves all packets with one worker. */
    static Steering nowhereElse(int worker) {
        return new Steering(new int[] {worker}, 100, false);
    }

    /** The kernel's {@code hash_32(value, 16)}, as Falcon uses it: 0 to 65,535. */
    public static int hash32(int value) {
        return (value * GOLDEN_RATIO_32) >>> 16;
    }

    /** The path of packets that come in now. Any thread. */
    public long path() {
        return path;
    }

    /** Sets new loads; called by the thread that samples them. */
    public void update(LoadMeter loads) {
        long busy = IDLE;
        int sum = 0;
        for (int worker : workers) {
            int load = loads.percent(worker);
            sum += load;
            if (twoChoices && load >= loadThreshold) {
                busy |= 1L << worker;
            }
        }
        path = sum >= loadThreshold * workers.length ? HOME : busy;
    }

    /**
     * The worker that runs a device for a flow.
     *
     * @param path how the flow is steered
     * @param here the worker that has the packet
     */
    public int worker(int flowHash, int deviceId, long path, int here) {
        if (path == HOME) {
            return here;
        }
        int first = first(flowHash, deviceId);
        return ((path >>> first) & 1) == 0 ? first : second(flowHash, deviceId);
    }

    /** The worker that is the first choice. */
    public int first(int flowHash, int deviceId) {
        return workers[hash32(flowHash + deviceId) % workers.length];
    }

    /** The worker that is taken when the first choice is busy. */
    public int second(int flowHash, int deviceId) {
        return workers[hash32(hash32(flowHash + deviceId)) % workers.length];
    }
}
