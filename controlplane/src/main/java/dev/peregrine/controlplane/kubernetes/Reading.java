package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.controlplane.Claim;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The claims that an object of the API server makes. */
sealed interface Reading {
    /** It says this, perhaps nothing. */
    record Claims(List<Claim> claims) implements Reading {
        public Claims {
            claims = List.copyOf(claims);
        }
    }

    /**
     * It should say something and cannot be read.
     *
     * @param key the claim that it stands for, if so much could be read
     * @param what the object, and what is wrong with it
     */
    record Malformed(Claim.@Nullable Key key, String what) implements Reading {}
}
