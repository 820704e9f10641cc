package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code vtep list}: a remote VTEP.
 *
 * @param vnis that use it, with spaces between
 * @param flood whether it is in a flood list
 * @param fdbEntries behind it
 * @param rxDatagrams received from it; a superframe that its kernel did not cut is one
 * @param txDatagrams sent to it
 * @param rxBytes UDP payload of those received
 * @param txBytes UDP payload of those sent
 * @param pathMtu bytes of inner IP packet that the path to it carries; null: as many as its VNIs allow
 * @param lastError why the last datagram to it that failed did so, as {@code EPERM (operation not permitted)}; null without any
 * @param lastErrorSeconds how long ago that was; null without any
 */
public record VtepRow(
        String address,
        String vnis,
        boolean flood,
        int fdbEntries,
        long rxDatagrams,
        long txDatagrams,
        long rxBytes,
        long txBytes,
        @Nullable Integer pathMtu,
        @Nullable String lastError,
        @Nullable Long lastErrorSeconds) {}
