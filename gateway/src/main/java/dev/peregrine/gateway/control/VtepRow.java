package dev.peregrine.gateway.control;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code vtep list}: a remote VTEP.
 *
 * @param vnis that use it, with spaces between
 * @param flood whether it is in a flood list
 * @param fdbEntries behind it
 * @param lastError why the last datagram to it that failed did so, as {@code EPERM (operation not permitted)}; null without any
 * @param lastErrorSeconds how long ago that was; null without any
 */
public record VtepRow(
        String address,
        String vnis,
        boolean flood,
        int fdbEntries,
        @Nullable String lastError,
        @Nullable Long lastErrorSeconds) {}
