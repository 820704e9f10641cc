package dev.peregrine.bench.wire.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the program of each Peregrine comes from.
 *
 * @param own the checkout that this benchmark is part of
 * @param other a second one to compare it with, or null
 */
public record Checkouts(Path own, @Nullable Path other) {
    private static final String PROGRAM = "scripts/peregrine";

    /** Throws {@link IllegalArgumentException} if the other one is none, or it is wanted and missing. */
    public void check(boolean otherIsWanted) {
        if (other == null) {
            if (otherIsWanted) {
                throw new IllegalArgumentException(
                        "the contender peregrine-other wants --other DIR, a second checkout of this project");
            }
        } else if (!Files.isExecutable(other.resolve(PROGRAM))) {
            throw new IllegalArgumentException(
                    "--other %s: no program %s there; name the folder of a checkout of this project"
                            .formatted(other, PROGRAM));
        }
    }

    /** The program that a contender runs on host B. */
    public Path program(Contender contender) throws IOException {
        if (contender != Contender.PEREGRINE_OTHER) {
            return own.resolve(PROGRAM);
        }
        if (other == null) {
            throw new IOException("no other checkout was named");
        }
        return other.resolve(PROGRAM).toAbsolutePath();
    }
}
