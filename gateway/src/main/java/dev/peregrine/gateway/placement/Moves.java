package dev.peregrine.gateway.placement;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When workers move to better CPUs: a move must be wanted in two looks one after the other, and a minute lies between
 * two moves, so that those who move interrupts about are not chased. One thread at a time.
 */
public final class Moves {
    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final int[] homes;
    private @Nullable Move wanted;
    private @Nullable Long lastNanos;

    /**
     * A worker's move.
     *
     * @param worker its number
     * @param reason a clause that says what is wrong with {@code from}
     */
    public record Move(int worker, int from, int to, String reason) {}

    /** @param homes the CPUs that the workers were started on */
    public Moves(int[] homes) {
        this.homes = homes.clone();
    }

    /**
     * The move to make now.
     *
     * @param cpus the CPU of each worker
     */
    public Optional<Move> look(CpuChoice choice, int[] cpus, long nowNanos) {
        Move before = wanted;
        Move now = find(choice, cpus);
        wanted = now;
        if (now == null || before == null || now.worker != before.worker || now.from != before.from) {
            return Optional.empty();
        }
        if (lastNanos != null && nowNanos - lastNanos < PAUSE_NANOS) {
            return Optional.empty();
        }
        lastNanos = nowNanos;
        wanted = null;
        return Optional.of(now);
    }

    private @Nullable Move find(CpuChoice choice, int[] cpus) {
        CpuSet taken = CpuSet.of(cpus);
        for (int worker = 0; worker < cpus.length; worker++) {
            OptionalInt to = choice.better(cpus[worker], homes[worker], taken);
            if (to.isPresent()) {
                return new Move(worker, cpus[worker], to.getAsInt(), choice.reason(cpus[worker]));
            }
        }
        return null;
    }
}
