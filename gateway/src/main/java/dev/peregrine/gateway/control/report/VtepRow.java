package dev.peregrine.gateway.control.report;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code vtep list}: a remote VTEP.
 *
 * @param flood whether it is in a flood list
 * @param fdbEntries behind it
 * @param rxDatagrams received from it; a superframe that its kernel did not cut is one
 * @param txDatagrams sent to it
 * @param rxBytes UDP payload of those received
 * @param txBytes UDP payload of those sent
 * @param lastHeardSeconds how long ago a datagram came from it, at most a second too little; null if none has come
 * @param pathMtu bytes of inner IP packet that the path to it carries; null: as many as its VNIs allow
 * @param lastError why the last datagram to it that failed did so, as {@code EPERM (operation not permitted)}; null
 *     without any
 * @param lastErrorSeconds how long ago that was; null without any
 * @param vnis that use it, with spaces between: those whose flood list or FDB has it
 * @param source why it is here: {@code file} (a flood list or FDB entry of the configuration file), {@code command},
 *     {@code control} (a control plane names it) or {@code learned} (it sent a datagram, and {@code underlay.allow} has
 *     it)
 * @param origin the same, with the type of the control plane in place of {@code control}
 * @param node the name of its host, as the control plane has it; null without
 * @param state of the control plane that names it, such as {@code live}, or {@code away} while its claims are held;
 *     null without
 */
public record VtepRow(
        String address,
        String source,
        @Nullable Long lastHeardSeconds,
        boolean flood,
        int fdbEntries,
        long rxDatagrams,
        long txDatagrams,
        long rxBytes,
        long txBytes,
        @Nullable Integer pathMtu,
        @Nullable Long lastErrorSeconds,
        @Nullable String lastError,
        String vnis,
        String origin,
        @Nullable String node,
        @Nullable String state) {}
