package dev.peregrine.gateway.noun;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.resolve.Resolver;
import dev.peregrine.controlplane.resolve.report.Claimed;
import dev.peregrine.controlplane.resolve.report.PlaneStatus;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.report.ClaimRow;
import dev.peregrine.gateway.control.report.PlaneRow;
import dev.peregrine.gateway.control.request.ClaimFilter;
import dev.peregrine.gateway.control.request.FdbKey;
import dev.peregrine.gateway.control.request.PlaneResync;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers {@code control …}: control planes, what they claim, and what they are told. On the control thread. */
public final class ControlCommands implements Noun {
    private final OverlayGateway gateway;

    ControlCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(
                Command.of("control list", _ -> list(gateway)),
                Command.of("control claims", ClaimFilter.class, this::claims),
                Command.of("control announced", _ -> announced()),
                Command.of("control resync", PlaneResync.class, this::resync),
                Command.of("control withdraw", _ -> publish(false)),
                Command.of("control publish", _ -> publish(true)),
                Command.of("control unfreeze", FdbKey.class, this::unfreeze));
    }

    private static List<PlaneStatus> planes(OverlayGateway gateway) {
        return gateway.hasControlPlanes() ? gateway.controlPlanes().resolver().planes() : List.of();
    }

    /** How the planes are, in the order in which they were added. */
    static List<PlaneRow> list(OverlayGateway gateway) {
        return planes(gateway).stream()
                .map(plane -> row(plane, gateway.controlPlanes().type(plane.name())))
                .toList();
    }

    private static PlaneRow row(PlaneStatus plane, String type) {
        String error = plane.why().isEmpty() ? plane.lastRefused() : plane.why();
        return new PlaneRow(
                plane.name(),
                type,
                word(plane.state()),
                TimeUnit.NANOSECONDS.toSeconds(plane.sinceNanos()),
                seconds(plane.holdLeftNanos()),
                plane.claims(),
                plane.held(),
                plane.guarded(),
                plane.refused().values().stream().mapToLong(Long::longValue).sum(),
                plane.announced(),
                error.isEmpty() ? null : error);
    }

    /** Until claims go; null where they do not. */
    static @Nullable Long seconds(long holdLeftNanos) {
        boolean isNever = holdLeftNanos < 0 || holdLeftNanos == Long.MAX_VALUE;
        return isNever ? null : (Long) TimeUnit.NANOSECONDS.toSeconds(holdLeftNanos);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private List<ClaimRow> claims(ClaimFilter filter) {
        List<ClaimRow> rows = new ArrayList<>();
        if (!gateway.hasControlPlanes()) return rows;
        Resolver resolver = gateway.controlPlanes().resolver();
        Consumer<Claimed> visitor = claimed -> {
            ClaimRow row = row(claimed.plane(), claimed.claim(), word(claimed.standing()), claimed.withdrawn());
            if (fits(row, filter)) rows.add(row);
        };
        if (filter.mac() == null) resolver.claims(visitor);
        else resolver.claims(filter.mac().value(), visitor); // one of perhaps 100,000
        return rows;
    }

    private static boolean fits(ClaimRow row, ClaimFilter filter) {
        return (filter.vni() == null || Integer.valueOf(filter.vni().number()).equals(row.vni()))
                && (filter.mac() == null || filter.mac().toString().equals(row.mac()))
                && (filter.vtep() == null || AddressText.of(filter.vtep()).equals(row.vtep()));
    }

    private List<ClaimRow> announced() {
        List<ClaimRow> rows = new ArrayList<>();
        for (PlaneStatus plane : planes(gateway)) {
            LocalState state = gateway.controlPlanes().resolver().announcement(plane.name());
            List<Claim> claims = new ArrayList<>(state.members());
            claims.addAll(state.stations());
            claims.forEach(claim -> rows.add(row(plane.name(), claim, "announced", false)));
        }
        return rows;
    }

    private static ClaimRow row(String plane, Claim claim, String standing, boolean withdrawn) {
        String vtep = claim.key().vtep().toString();
        return switch (claim) {
            case Claim.Vtep _ -> new ClaimRow(plane, "vtep", null, null, vtep, null, "", standing, withdrawn);
            case Claim.Member its ->
                new ClaimRow(plane, "member", its.vni(), null, vtep, null, "", standing, withdrawn);
            case Claim.Station its ->
                new ClaimRow(
                        plane,
                        "station",
                        its.vni(),
                        AddressText.mac(its.mac()),
                        vtep,
                        Integer.toUnsignedLong(its.sequence()),
                        its.addresses().stream().map(IpAddress::toString).collect(Collectors.joining(" ")),
                        standing,
                        withdrawn);
        };
    }

    private @Nullable Object resync(PlaneResync request) throws CommandRefused {
        boolean isThere =
                gateway.hasControlPlanes() && gateway.controlPlanes().resolver().resync(request.plane(), request.now());
        if (!isThere) {
            String names = planes(gateway).stream().map(PlaneStatus::name).collect(Collectors.joining(", "));
            throw new CommandRefused(
                    "there is no control plane " + request.plane() + (names.isEmpty() ? "" : "; there are: " + names));
        }
        gateway.controlPlanes().wake();
        return null;
    }

    private @Nullable Object publish(boolean isPublished) throws CommandRefused {
        if (!gateway.hasControlPlanes()) throw new CommandRefused("there is no control plane");
        gateway.controlPlanes().publish(isPublished);
        return null;
    }

    private @Nullable Object unfreeze(FdbKey request) throws CommandRefused {
        boolean wasFrozen = gateway.hasControlPlanes()
                && gateway.controlPlanes()
                        .resolver()
                        .unfreeze(request.vni().number(), request.mac().value());
        if (!wasFrozen) throw new CommandRefused(request.mac() + " is not frozen in VNI " + request.vni());
        gateway.controlPlanes().wake();
        return null;
    }
}
