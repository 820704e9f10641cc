package dev.peregrine.gateway;

import dev.peregrine.dataplane.packet.EnumWord;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.dataplane.schedule.Steering;
import dev.peregrine.gateway.config.ScheduleConfig;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.ScheduleReport;
import dev.peregrine.gateway.control.SteeringRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Answers the {@code schedule} commands, on the control thread. */
final class ScheduleCommands {
    /** Flow hashes that the mapping is shown for when none is asked for. */
    private static final int[] SAMPLE_FLOWS = {
        0x1000_0000, 0x2f3a_91c4, 0x4d11_7e08, 0x6b02_55d3, 0x8ac9_3b1f, 0xa7e4_0296, 0xc5d8_f46a, 0xe3b7_6d21
    };

    private final OverlayGateway gateway;

    ScheduleCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    /** The schedule in force, and why. */
    ScheduleReport show() {
        Scheduling.State state = gateway.scheduling().state();
        ScheduleConfig config = gateway.config().schedule();
        return new ScheduleReport(
                EnumWord.of(state.mode()),
                state.schedule().toString(),
                state.reason(),
                state.changes(),
                config.loadThreshold(),
                config.sampleMillis(),
                new TreeMap<>(config.deviceIds().byKind())
                        .entrySet().stream()
                                .map(id -> id.getKey() + " " + id.getValue())
                                .collect(Collectors.joining(", ")));
    }

    /** Changes the schedule. */
    ScheduleReport set(String mode, Optional<String> balance, Optional<Boolean> split) throws CommandRefused {
        ScheduleConfig now = gateway.config().schedule();
        ScheduleConfig wanted = new ScheduleConfig(
                choice(Schedule.Mode.class, mode),
                now.loadThreshold(),
                balance.isPresent() ? choice(Schedule.Balance.class, balance.get()) : now.balance(),
                now.sampleMillis(),
                split.orElse(now.split()),
                now.deviceIds());
        try {
            gateway.scheduling().set(wanted);
        } catch (IOException e) {
            throw new CommandRefused("the schedule stays as it is: " + e.getMessage());
        }
        return show();
    }

    private static <E extends Enum<E>> E choice(Class<E> type, String word) throws CommandRefused {
        return EnumWord.find(type, word)
                .orElseThrow(() -> new CommandRefused(
                        "found " + word + "; expected one of " + String.join(", ", EnumWord.all(type))));
    }

    /** Where flows run. */
    List<SteeringRow> map(Optional<Integer> flowHash) throws CommandRefused {
        Steering steering = gateway.scheduling().crew().steering();
        if (steering == null) {
            throw new CommandRefused("the schedule is "
                    + gateway.scheduling().state().schedule() + ": every flow stays with the worker that receives it");
        }
        int[] hashes = flowHash.isPresent() ? new int[] {flowHash.get()} : SAMPLE_FLOWS;
        List<SteeringRow> rows = new ArrayList<>();
        for (int hash : hashes) {
            new TreeMap<>(gateway.config().schedule().deviceIds().byKind())
                    .forEach((kind, id) -> rows.add(steeringRow(steering, hash, kind, id)));
        }
        return rows;
    }

    private static SteeringRow steeringRow(Steering steering, int hash, String kind, int id) {
        int now = steering.worker(hash, id, steering.path(), -1);
        return new SteeringRow(
                String.format(Locale.ROOT, "%08x", hash),
                kind,
                id,
                Names.worker(steering.first(hash, id)),
                Names.worker(steering.second(hash, id)),
                now < 0 ? "home" : Names.worker(now));
    }
}
