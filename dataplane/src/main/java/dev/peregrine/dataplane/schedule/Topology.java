package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Stage;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The graph of devices, described once and instantiated for every worker by {@link Assembler}.
 *
 * <p>Every place has an {@link Address}; an exit leads to one or to a {@link Terminal}. The graph has no cycles.
 */
public final class Topology {
    private final Map<String, Place> places = new LinkedHashMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<Kind, Kind> stacked = new HashMap<>();
    private final Set<Kind> everywhere = new HashSet<>();

    /** The context in which a stage is made: the parts that each worker has of its own. */
    public record WorkerScope(int worker, PacketPool pool, DropCounters drops) {}

    /**
     * A kind of device. Schedules tell devices apart by it.
     *
     * @param word as users name it
     */
    public record Kind(String word) {
        /** The address of a stage of the one device of this kind. */
        public Address at(String stage) {
            return new Address(this, "", stage);
        }

        /** The address of a stage of the device {@code name}, one of several of this kind. */
        public Address at(String name, String stage) {
            return new Address(this, name, stage);
        }
    }

    /** The end of an exit; its text is the name by which users, counters and instruments know it. */
    public sealed interface Exit {}

    /**
     * The address of a place; as text {@code kind.stage} or {@code kind:name.stage}.
     *
     * @param name of the device among those of its kind; empty where there is one
     * @param stage its part within the device
     * @param text of all three, which joining a graph needs again and again
     */
    public record Address(Kind kind, String name, String stage, String text) implements Exit {
        private Address(Kind kind, String name, String stage) {
            this(kind, name, stage, device(kind, name) + "." + stage);
        }

        private static String device(Kind kind, String name) {
            return name.isEmpty() ? kind.word() : kind.word() + ":" + name;
        }

        /** The device alone: {@code kind} or {@code kind:name}. */
        public String device() {
            return device(kind, name);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** A name that each worker binds to a sink of its own, such as an endpoint or the underlay. */
    public record Terminal(String name) implements Exit {
        @Override
        public String toString() {
            return name;
        }
    }

    /** A place of packets in the graph. */
    public sealed interface Place {
        /** Where it is. */
        Address at();

        /** The device that it belongs to. */
        default String device() {
            return at().device();
        }

        /** Its name within the device. */
        default String name() {
            return at().stage();
        }

        /** The text of its address. */
        default String address() {
            return at().toString();
        }
    }

    /**
     * One stage of the graph.
     *
     * @param factory makes one worker's instance
     * @param exits where each exit leads
     * @param replication the receivers of floods; null for a stage that never floods
     */
    public record StageSpec(
            Address at, Function<WorkerScope, Stage> factory, List<Exit> exits, Node.@Nullable Replication replication)
            implements Place {}

    /**
     * The second half of a device that receives, behind a seam where the device can be split: it gets packets that have
     * not been dissected, and is itself a sink, not a stage, since it turns them into others.
     *
     * @param factory makes one worker's instance in front of the next sink; called again when the schedule changes
     * @param exit where it leads
     */
    public record ReceiverSpec(Address at, BiFunction<WorkerScope, Sink, Sink> factory, Exit exit) implements Place {}

    /** Adds a stage. */
    public Topology stage(Address at, Function<WorkerScope, Stage> factory, Exit... exits) {
        return add(new StageSpec(at, factory, List.of(exits), null));
    }

    /** Adds a stage whose verdicts may be floods. */
    public Topology floodingStage(
            Address at,
            Function<WorkerScope, Stage> factory,
            Node.Replication replication,
            List<? extends Exit> exits) {
        return add(new StageSpec(at, factory, List.copyOf(exits), replication));
    }

    /** Adds the second half of a device that receives. */
    public Topology receiver(Address at, BiFunction<WorkerScope, Sink, Sink> factory, Exit exit) {
        return add(new ReceiverSpec(at, factory, exit));
    }

    /** Leads a receiver elsewhere than where it was added to lead. */
    public Topology redirect(String receiver, Exit exit) {
        if (!(places.get(receiver) instanceof ReceiverSpec spec)) {
            throw new IllegalArgumentException("no receiver is called " + receiver);
        }
        places.put(receiver, new ReceiverSpec(spec.at(), spec.factory(), exit));
        return this;
    }

    private Topology add(Place place) {
        if (places.putIfAbsent(place.address(), place) != null) {
            throw new IllegalArgumentException("two stages are called " + place.address());
        }
        numbers.put(place.address(), numbers.size());
        return this;
    }

    /**
     * Makes the devices of a kind run where those of another run, with nothing between them: for devices that most
     * packets pass without a decision, so that a hand-off would cost more than the device.
     */
    public Topology stack(Kind kind, Kind onto) {
        stacked.put(kind, onto);
        return this;
    }

    /**
     * Makes the devices of a kind run on the worker where packets reach them, with nothing in front of them. They stand
     * at the end of a path past other devices; packets of a flow can take it while others of the flow are still in
     * those devices.
     */
    public Topology everywhere(Kind kind) {
        everywhere.add(kind);
        return this;
    }

    /** Whether packets can take a path past devices that hold others of their flow. */
    boolean hasShorterWays() {
        return places.values().stream().anyMatch(this::isEverywhere);
    }

    /** Whether a place runs on the worker where packets reach it. */
    boolean isEverywhere(Place place) {
        return everywhere.contains(unit(place));
    }

    /** Whether packets go from one place to another by a plain call under every schedule. */
    boolean isJoined(Place from, Place to) {
        return unit(from).equals(unit(to)) || isEverywhere(to);
    }

    /**
     * The kind of device that a place is scheduled with: the kind of its device, or of the one that it is stacked onto.
     */
    public Kind unit(Place place) {
        Kind kind = place.at().kind();
        return stacked.getOrDefault(kind, kind);
    }

    /** The most changes from one unit to another on any path through the graph, which has no cycles. */
    public int hops() {
        Map<String, Integer> known = new HashMap<>();
        int most = 0;
        for (Place place : places.values()) {
            most = Math.max(most, hopsFrom(place, known));
        }
        return most;
    }

    private int hopsFrom(Place from, Map<String, Integer> known) {
        Integer found = known.get(from.address());
        if (found != null) {
            return found;
        }
        List<Exit> exits = switch (from) {
            case StageSpec stage -> stage.exits();
            case ReceiverSpec receiver -> List.of(receiver.exit());
        };
        int most = 0;
        for (Exit exit : exits) {
            Place to = place(exit);
            if (to != null) {
                most = Math.max(most, hopsFrom(to, known) + (isJoined(from, to) ? 0 : 1));
            }
        }
        known.put(from.address(), most);
        return most;
    }

    /** The stages in the order in which they were added. */
    public List<StageSpec> stages() {
        List<StageSpec> stages = new ArrayList<>();
        for (Place place : places.values()) {
            if (place instanceof StageSpec stage) {
                stages.add(stage);
            }
        }
        return stages;
    }

    /** The stage with an address, or null. */
    public @Nullable StageSpec stage(String address) {
        return places.get(address) instanceof StageSpec stage ? stage : null;
    }

    /**
     * Gives the places that another graph has the numbers that they have there, and others none of its numbers. So
     * packets between two workers reach their place while one worker has that graph and the other this one. Before this
     * graph is assembled, once.
     */
    public void numberAs(Topology before) {
        BitSet taken = new BitSet();
        before.numbers.values().forEach(taken::set);
        for (String address : places.keySet()) {
            Integer known = before.numbers.get(address);
            int number = known == null ? taken.nextClearBit(0) : known;
            taken.set(number);
            numbers.put(address, number);
        }
    }

    /** The number by which a packet between two workers names a place of the graph. */
    int number(Place place) {
        return Objects.requireNonNull(numbers.get(place.address()), place.address());
    }

    /** All places in the order in which they were added. */
    List<Place> places() {
        return List.copyOf(places.values());
    }

    /** The place that an exit leads to; null where it is a terminal or not there. */
    @Nullable
    Place place(Exit exit) {
        return exit instanceof Address ? places.get(exit.toString()) : null;
    }
}
