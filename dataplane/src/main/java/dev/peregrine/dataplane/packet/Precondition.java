package dev.peregrine.dataplane.packet;

/**
 * Something that a decision rests on and that changes too often to be announced: the state of a flow that was let pass.
 * A stage leaves it in the {@link FlowRecording} with what it read, and where; a flow cache asks before it repeats the
 * decision. Any thread may ask.
 */
@FunctionalInterface
public interface Precondition {
    /**
     * Whether what is at {@code place} still is {@code seen}, and may be taken for granted at {@code nowNanos}. When
     * not, the packet must walk the chain.
     */
    boolean holds(int place, long seen, long nowNanos);

    /**
     * Whether states follow what passes, so that {@link #passed} has to be called. Always the same of one precondition.
     */
    default boolean follows() {
        return false;
    }

    /** A packet takes the fast path because this holds; what the chain would do to it has not been done yet. */
    default void passed(int place, Packet packet) {}

    /** Reads something at {@code place}, so that it is on its way from memory before {@link #holds} asks for it. */
    default long touch(int place) {
        return 0;
    }
}
