package dev.peregrine.gateway.observe;

import dev.peregrine.dataplane.observe.PacketFilter;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.Streamed;
import dev.peregrine.gateway.control.request.CaptureRequest;
import dev.peregrine.gateway.control.request.TraceRequest;
import dev.peregrine.gateway.observe.tap.CapturePoints;
import dev.peregrine.gateway.runtime.OverlayGateway;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The commands {@code trace} and {@code capture}. On the control thread. */
public final class ObserveCommands implements Noun {
    private static final int TRACED_PACKETS = 10;
    private static final int TRACE_SECONDS = 60;
    private static final int CAPTURED_FRAMES = 1_000_000;
    private static final int CAPTURE_SECONDS = 600;
    private static final int SNAP_LENGTH = 262_144;
    private static final int MOST_FRAMES = 1_000_000_000;
    private static final int MOST_SECONDS = 86_400;

    private final OverlayGateway gateway;
    private final Observer observer;

    /** The commands of a gateway. */
    public ObserveCommands(OverlayGateway gateway) {
        this.gateway = gateway;
        observer = new Observer(gateway);
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(
                Command.of("trace", TraceRequest.class, this::trace),
                Command.of("capture", CaptureRequest.class, this::capture));
    }

    private Streamed trace(TraceRequest request) throws CommandRefused {
        PacketFilter filter = FilterWords.parse(request.filter());
        Lines.Limits limits = limits(request.count(), TRACED_PACKETS, request.seconds(), TRACE_SECONDS);
        return observer.trace(filter, limits);
    }

    private Streamed capture(CaptureRequest request) throws CommandRefused {
        PacketFilter filter = FilterWords.parse(request.filter());
        CapturePoints points = points(request, filter);
        int snapLength = within("snaplen", request.snapLength(), SNAP_LENGTH, SNAP_LENGTH);
        Lines.Limits limits = limits(request.count(), CAPTURED_FRAMES, request.seconds(), CAPTURE_SECONDS);
        return observer.capture(filter, points, request.pcapng(), snapLength, limits);
    }

    private CapturePoints points(CaptureRequest request, PacketFilter filter) throws CommandRefused {
        String at = request.at();
        if (filter.drop() != null && at != null && !at.equals("drops")) {
            throw CommandRefused.unreadable(
                    "found drop in the filter; expected it with --at drops alone: packets that are" + " seen at " + at
                            + " have not been dropped");
        }
        if (at == null) {
            return filter.drop() == null ? CapturePoints.ALL : new CapturePoints(false, false, null, true);
        }
        return switch (at) {
            case "underlay" -> new CapturePoints(true, false, null, false);
            case "drops" -> new CapturePoints(false, false, null, true);
            case "port" -> new CapturePoints(false, true, known(request.port()), false);
            default -> throw CommandRefused.unreadable("--at: found " + at + "; expected underlay, port NAME or drops");
        };
    }

    private String known(@Nullable String port) throws CommandRefused {
        if (port == null) {
            throw CommandRefused.unreadable("--at port: found no name; expected port NAME");
        }
        if (gateway.ports().stream().noneMatch(known -> known.port().name().equals(port))) {
            throw new CommandRefused("there is no port " + port + "; port list has them");
        }
        return port;
    }

    private static Lines.Limits limits(
            @Nullable Integer count, int usualCount, @Nullable Integer seconds, int usualSeconds)
            throws CommandRefused {
        return new Lines.Limits(
                within("count", count, usualCount, MOST_FRAMES),
                within("seconds", seconds, usualSeconds, MOST_SECONDS));
    }

    private static int within(String name, @Nullable Integer given, int usual, int most) throws CommandRefused {
        int value = given == null ? usual : given;
        if (value < 1 || value > most) {
            throw CommandRefused.unreadable(name + ": found " + value + "; expected a number from 1 to " + most);
        }
        return value;
    }
}
