package dev.peregrine.gateway.runtime;

import dev.peregrine.dataplane.packet.DropReason;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The line of the log that says what a gateway that has ended had dropped. */
final class StopLine {
    /** Reasons that are named, those with most packets. */
    private static final int MOST = 3;

    private StopLine() {}

    static String of(OverlayGateway gateway) {
        List<DropReason> dropped = Arrays.stream(DropReason.values())
                .filter(reason -> gateway.losses().count(reason) > 0)
                .sorted(Comparator.comparingLong(gateway.losses()::count).reversed())
                .toList();
        String named = dropped.stream()
                .limit(MOST)
                .map(reason -> reason + " " + gateway.losses().count(reason))
                .collect(Collectors.joining(", "));
        String others = dropped.size() <= MOST ? "" : ", and " + (dropped.size() - MOST) + " other reasons";
        return "stopped after " + gateway.uptimeSeconds() + " s; packets dropped: "
                + gateway.losses().total() + (named.isEmpty() ? "" : " (" + named + others + ")");
    }
}
