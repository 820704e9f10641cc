package dev.peregrine.gateway.control.report.policy;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code policy test}: what one list of rules says about the packet, in the order in which it meets them.
 *
 * @param list such as {@code port web in}
 * @param position place of the first rule that it meets, from 1; 0 when it meets none
 * @param rule that rule's name; {@code (default)} when it meets none
 * @param verdict {@code pass}, {@code limit} or {@code drop}; after {@code drop} no list follows
 * @param reason the drop reason; null when it is not dropped
 */
public record PolicyTestRow(
        String list,
        int position,
        String rule,
        String action,
        String match,
        String verdict,
        @Nullable String reason) {}
