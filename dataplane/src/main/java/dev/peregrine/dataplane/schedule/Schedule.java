package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.EnumWord;
import java.util.List;
import java.util.Map;

/** How the devices of a graph are joined: where their stages run, never what they do. */
public sealed interface Schedule {
    /** The schedules that there are, as users name them: see {@link EnumWord}. */
    enum Mode {
        /** One of the others, as a {@link ScheduleChooser} chooses. */
        AUTO,
        /** {@link RunToCompletion}. */
        RUN_TO_COMPLETION,
        /** {@link Queued}. */
        QUEUED,
        /** {@link Pipelined}. */
        PIPELINED
    }

    /** Every packet walks the whole graph on the worker that received it, by plain calls. */
    record RunToCompletion() implements Schedule {
        @Override
        public String toString() {
            return EnumWord.of(Mode.RUN_TO_COMPLETION);
        }
    }

    /**
     * A packet stays on the worker that received it, and waits in a queue before each device, as in the kernel; the
     * papers measure against this.
     *
     * @param capacity packets that each queue holds
     */
    record Queued(int capacity) implements Schedule {
        /** About the size of the kernel's backlog (net.core.netdev_max_backlog). */
        public static final int DEFAULT_CAPACITY = 1024;

        public Queued {
            if (capacity < 1) {
                throw new IllegalArgumentException("capacity " + capacity);
            }
        }

        @Override
        public String toString() {
            return EnumWord.of(Mode.QUEUED);
        }
    }

    /** The rule that picks a worker. */
    enum Balance {
        /** By one hash, under any load. */
        STATIC,
        /** By one hash, or by a second one when the first worker is busy. */
        TWO_CHOICES
    }

    /**
     * The devices of one flow run on several workers (Falcon).
     *
     * @param loadThreshold percent from which on a worker is busy and, as a mean, pipelining pauses; 1 to 100, and from
     *     97 on always pipelined, since a {@link LoadMeter} reads 96 at most
     * @param split whether the first device is split between receiving and coalescing
     * @param guarded whether a flow changes its path only when its packets on the old one have settled; without the
     *     guard, as in the released Falcon, a change can reorder
     * @param workers numbers of the workers that devices may run on; empty for all
     * @param deviceIds the ids that are hashed, by the word of the kind of device
     */
    record Pipelined(
            Balance balance,
            int loadThreshold,
            boolean split,
            boolean guarded,
            List<Integer> workers,
            Map<String, Integer> deviceIds)
            implements Schedule {
        /** Falcon's, which its authors found best. */
        public static final int DEFAULT_LOAD_THRESHOLD = 80;

        /** Neighbours differ by 2, so that on two workers nearly all flows have them on different ones (not half). */
        public static final Map<String, Integer> DEFAULT_DEVICE_IDS =
                Map.of("underlay", 1, "vtep", 3, "bridge", 5, "port", 7);

        /** Two choices with Falcon's constants, in order, without splitting. */
        public static final Pipelined DEFAULT = of(Balance.TWO_CHOICES);

        public Pipelined {
            if (loadThreshold < 1 || loadThreshold > 100) {
                throw new IllegalArgumentException("load threshold " + loadThreshold);
            }
            workers = List.copyOf(workers);
            deviceIds = Map.copyOf(deviceIds);
            if (deviceIds.values().stream().distinct().count() < deviceIds.size()) {
                throw new IllegalArgumentException("two kinds of devices have one id: " + deviceIds);
            }
        }

        /** Falcon with its constants, in order, without splitting. */
        public static Pipelined of(Balance balance) {
            return new Pipelined(balance, DEFAULT_LOAD_THRESHOLD, false, true, List.of(), DEFAULT_DEVICE_IDS);
        }

        /** The same with or without splitting. */
        public Pipelined split(boolean on) {
            return new Pipelined(balance, loadThreshold, on, guarded, workers, deviceIds);
        }

        /** The same with or without the guard of the order. */
        public Pipelined guarded(boolean on) {
            return new Pipelined(balance, loadThreshold, split, on, workers, deviceIds);
        }

        /** The same with another threshold. */
        public Pipelined loadThreshold(int percent) {
            return new Pipelined(balance, percent, split, guarded, workers, deviceIds);
        }

        /** The id of the devices of a kind. */
        int deviceId(Topology.Kind kind) {
            Integer id = deviceIds.get(kind.word());
            if (id == null) {
                throw new IllegalArgumentException("the schedule has no id for devices of the kind " + kind.word());
            }
            return id;
        }

        @Override
        public String toString() {
            String name = EnumWord.of(Mode.PIPELINED) + " " + EnumWord.of(balance);
            return (split ? name + " split" : name) + (guarded ? "" : " unguarded");
        }
    }
}
