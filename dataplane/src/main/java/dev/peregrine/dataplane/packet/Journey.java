package dev.peregrine.dataplane.packet;

import org.jspecify.annotations.Nullable;

/**
 * The way of a {@link Packet} between workers (see the package schedule): who holds it, where it goes on, how its flow
 * is steered, and which packets come home with it.
 *
 * <p>A class of its own for the sake of the cache: the JVM puts the fields of a superclass in front of those of its
 * subclasses. So those that every hand-off writes lie a line away from the references that the other side reads, which
 * are the last fields of {@link Packet}, parent and spare included (ADR 10).
 */
public abstract sealed class Journey permits PacketBytes {
    /** The path of a packet that has not been steered. */
    public static final long UNDECIDED = -1L;

    /** The ticket of a packet that nobody waits for. */
    private static final int NO_TICKET = -1;

    int holder;
    private int entry;
    private int ticket = NO_TICKET;
    private int number;
    private long path = UNDECIDED;
    int children;

    /** Only packets travel. */
    Journey() {}

    /** The pool that the packet returns to. */
    public abstract PacketPool pool();

    void begin(int owner) {
        holder = owner;
        ticket = NO_TICKET;
        path = UNDECIDED;
    }

    void inheritSteering(Packet source) {
        path = source.path();
        number = source.number();
    }

    /** The worker that has this packet now: the only one that may touch it. */
    public int holder() {
        return holder;
    }

    /**
     * Gives the packet to a worker; the caller hands it over afterwards, and does not touch it again.
     *
     * @param worker the new holder
     * @param nextEntry where in that worker's graph it goes on, for {@link #entry}
     */
    public void handTo(int worker, int nextEntry) {
        holder = worker;
        entry = nextEntry;
    }

    /** Where in its holder's graph a packet that was handed over goes on. */
    public int entry() {
        return entry;
    }

    /** How its flow is steered, as was decided when it came in; {@link #UNDECIDED} before that, or without steering. */
    public long path() {
        return path;
    }

    /** Sets how the packet is steered. */
    public void path(long decided) {
        path = decided;
    }

    /** Whether {@link PacketPool#issue} gave it a ticket. */
    public boolean isTicketed() {
        return ticket != NO_TICKET;
    }

    /** The number that {@link PacketPool#issue} gave it. */
    public int ticket() {
        return ticket;
    }

    /** Its number among the packets with its ticket; wraps. */
    public int number() {
        return number;
    }

    /** Sets the number. */
    public void number(int next) {
        number = next;
    }

    void ticket(int number) {
        ticket = number;
    }

    /** Begins to make children: until {@link #letGo}, and until the last child has been released, it is kept. */
    public void hold() {
        children = 1;
    }

    /** Makes this packet, a copy, a child of a packet on {@link #hold}. One worker holds both. */
    public void childOf(Packet source) {
        self().parent = source;
        source.children++;
        source.pool().childMade();
    }

    /** Ends {@link #hold}: the packet is released with its last child, or now if there is none. */
    public void letGo() {
        children--;
        if (children == 0) {
            pool().release(self());
        }
    }

    /** Whether another packet waits for this one. */
    boolean isChild() {
        return self().parent != null;
    }

    /** Lets the parent know that this child has been released. */
    void leaveParent() {
        Packet source = self().parent;
        if (source != null) {
            self().parent = null;
            pool().childReturned();
            source.letGo();
        }
    }

    /** Adds a view that travels with this packet. */
    void addSpare(Packet view) {
        view.spare = self().spare;
        self().spare = view;
    }

    /** Takes a view off that travelled with this packet, or null when there is none. */
    @Nullable
    Packet takeSpare() {
        Packet view = self().spare;
        if (view != null) {
            self().spare = view.spare;
            view.spare = null;
            view.holder = holder;
        }
        return view;
    }

    final Packet self() {
        return (Packet) this;
    }
}
