package dev.peregrine.dataplane.offload;

import java.util.List;
import java.util.function.Predicate;

/**
 * Sends a known superframe through the kernel, once.
 *
 * @param <E> what it throws where the system refuses that
 */
@FunctionalInterface
public interface ProbeAttempt<E extends Exception> {
    /** How often it is made before what does not arrive counts as lost: on a busy machine it may be late. */
    int MOST = 3;

    /** The data that arrives, soon. */
    List<byte[]> carry() throws E;

    /** The data of the first attempt in which it is as it should be, or else of the last. */
    default List<byte[]> carryUntil(Predicate<List<byte[]>> isWhole) throws E {
        List<byte[]> arrived = carry();
        for (int made = 1; made < MOST && !isWhole.test(arrived); made++) {
            arrived = carry();
        }
        return arrived;
    }
}
