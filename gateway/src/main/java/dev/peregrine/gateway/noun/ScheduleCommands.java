package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.packet.EnumWord;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.dataplane.schedule.Steering;
import dev.peregrine.gateway.config.model.ScheduleConfig;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.report.ScheduleReport;
import dev.peregrine.gateway.control.report.SteeringRow;
import dev.peregrine.gateway.control.request.ScheduleChange;
import dev.peregrine.gateway.control.request.SteeringFilter;
import dev.peregrine.gateway.port.Names;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.worker.Scheduling;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Answers the {@code schedule} commands, on the control thread. */
public final class ScheduleCommands implements Noun {
    /** Flow hashes that the mapping is shown for when none is asked for. */
    private static final int[] SAMPLE_FLOWS = {
        0x1000_0000, 0x2f3a_91c4, 0x4d11_7e08, 0x6b02_55d3, 0x8ac9_3b1f, 0xa7e4_0296, 0xc5d8_f46a, 0xe3b7_6d21
    };

    private final OverlayGateway gateway;

    ScheduleCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(
                Command.of("schedule show", _ -> show()),
                Command.of("schedule set", ScheduleChange.class, this::set),
                Command.of("schedule map", SteeringFilter.class, this::map));
    }

    /** The schedule in force, and why. */
    private ScheduleReport show() {
        Scheduling.State state = gateway.scheduling().state();
        ScheduleConfig config = gateway.config().schedule();
        return new ScheduleReport(
                EnumWord.of(state.mode()),
                state.schedule().toString(),
                state.reason(),
                state.changes(),
                state.pauses(),
                TimeUnit.NANOSECONDS.toMicros(state.pauseNanos()),
                TimeUnit.NANOSECONDS.toMicros(state.longestPauseNanos()),
                config.loadThreshold(),
                config.sampleMillis(),
                new TreeMap<>(config.deviceIds().byKind())
                        .entrySet().stream()
                                .map(id -> id.getKey() + " " + id.getValue())
                                .collect(Collectors.joining(", ")));
    }

    private ScheduleReport set(ScheduleChange change) throws CommandRefused {
        String balance = change.balance();
        Boolean split = change.split();
        ScheduleConfig now = gateway.config().schedule();
        ScheduleConfig wanted = now.with(
                choice(Schedule.Mode.class, change.mode()),
                balance == null ? now.balance() : choice(Schedule.Balance.class, balance),
                split == null ? now.split() : split);
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
    private List<SteeringRow> map(SteeringFilter filter) throws CommandRefused {
        int[] hashes = filter.flow() == null ? SAMPLE_FLOWS : new int[] {hash(filter.flow())};
        Steering steering = gateway.scheduling().group().steering();
        if (steering == null) {
            throw new CommandRefused("the schedule is "
                    + gateway.scheduling().state().schedule() + ": every flow stays with the worker that receives it");
        }
        List<SteeringRow> rows = new ArrayList<>();
        for (int hash : hashes) {
            new TreeMap<>(gateway.config().schedule().deviceIds().byKind())
                    .forEach((kind, id) -> rows.add(steeringRow(steering, hash, kind, id)));
        }
        return rows;
    }

    private static int hash(String flow) throws CommandRefused {
        if (!flow.matches("[0-9a-fA-F]{1,8}")) {
            throw CommandRefused.unreadable("flow: expected a flow hash of up to eight hexadecimal digits");
        }
        return Integer.parseUnsignedInt(flow, 16);
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
