package dev.peregrine.gateway.control.report.policy;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code policy list}: a rule, what becomes of frames that meet none, or what passed without a rule.
 *
 * @param vni whose rule it is, with {@code port} null
 * @param port whose rule it is; {@code vni} is then the port's
 * @param direction {@code in}, {@code out}, or {@code both} for replies
 * @param position place in its list, from 1; 0 for what is no rule
 * @param name the rule's name; {@code (default)} for the default, {@code (replies)} for
 *     packets of flows that rules had let pass
 * @param match what the rule asks of a frame; empty for every frame
 * @param packets wire packets that met it
 * @param bytes of those packets
 */
public record PolicyRow(
        int vni,
        @Nullable String port,
        String direction,
        int position,
        String name,
        String action,
        String match,
        long packets,
        long bytes) {}
