package dev.peregrine.controlplane.resolve.report;

import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.vxlan.IpAddress;
import org.jspecify.annotations.Nullable;

/** Events of a resolver for a log. Called on the resolver's thread. */
public interface ResolverEvents {
    /** Tells nobody. */
    ResolverEvents NONE = new ResolverEvents() {};

    /** A plane's state changed. */
    default void state(String plane, PlaneState state, String why) {}

    /**
     * Claims are not believed: {@code count} of them since the last such event of the reason, which is a minute ago.
     */
    default void refused(String plane, Refusal reason, String latest, long count) {}

    /** A station moved; null stands for this gateway. */
    default void moved(int vni, long mac, @Nullable IpAddress from, @Nullable IpAddress to) {}

    /** A MAC moved too often to be in one place; {@code frozen} says what was done about it. */
    default void duplicate(int vni, long mac, int moves, @Nullable IpAddress other, boolean frozen) {}

    /** A frozen MAC was let go. */
    default void unfrozen(int vni, long mac) {}

    /** A plane lost so much that its removals wait. */
    default void guarded(String plane, int lost, int left) {}

    /** The wait is over, and {@code removals} are made; 0 when what was lost came back. */
    default void guardEnded(String plane, int removals) {}

    /** A plane was not live for {@code hold}: its {@code claims} are gone. */
    default void holdEnded(String plane, int claims) {}
}
