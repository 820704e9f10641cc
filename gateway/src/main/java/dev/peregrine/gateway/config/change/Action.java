package dev.peregrine.gateway.config.change;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.gateway.config.keys.VniKeys;
import dev.peregrine.gateway.config.model.ControlConfig;
import dev.peregrine.gateway.config.model.FdbEntryConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.NeighbourConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.ScheduleConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.model.plane.PlaneConfig;
import dev.peregrine.gateway.config.model.plane.PlanesConfig;
import dev.peregrine.gateway.config.model.policy.AddressSetConfig;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.vxlan.TunnelSettings;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One step from a configuration to another. Each can be applied to a configuration, which says what it means, and to a
 * gateway.
 */
public sealed interface Action {
    /** The configuration after this step. */
    GatewayConfig applyTo(GatewayConfig config);

    /** The changed object, as users read it. */
    List<Line> lines();

    /** A step that changes the values of keys. */
    sealed interface OfKeys extends Action {
        /** The keys, and their values before and after. */
        List<KeyChange> changes();

        @Override
        default List<Line> lines() {
            return changes().stream().map(KeyChange::line).toList();
        }
    }

    /** A VNI comes, with settings and policy; ports and entries follow. */
    record AddVni(VniConfig vni) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return config.withVnis(Edits.with(config.vnis(), vni));
        }

        @Override
        public List<Line> lines() {
            return List.of(Line.added("vni " + vni.vni(), ""));
        }
    }

    /** A VNI goes; its ports and entries have gone before. */
    record RemoveVni(int vni) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return config.withVnis(Edits.without(config.vnis(), its -> its.vni() == vni));
        }

        @Override
        public List<Line> lines() {
            return List.of(Line.removed("vni " + vni, ""));
        }
    }

    /** Other settings of a VNI: not its lists, and not its policy. */
    record SetVni(VniConfig before, VniConfig after) implements Action {
        private static final Set<String> LISTS = Set.of("neighbours", "flood", "fdb", "ports", "policy");

        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return Edits.ofVni(config, after.vni(), after::withListsOf);
        }

        @Override
        public List<Line> lines() {
            return KeyChange.of(VniKeys.TABLE, "vni " + after.vni() + " ", before, after, LISTS).stream()
                    .map(KeyChange::line)
                    .toList();
        }
    }

    /** A local port comes. */
    record AddPort(int vni, PortConfig port) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return Edits.ofVni(config, vni, its -> its.withPorts(Edits.with(its.ports(), port)));
        }

        @Override
        public List<Line> lines() {
            return List.of(Line.added("vni " + vni + " port " + port.name(), Edits.text(port)));
        }
    }

    /** A local port goes, and with it the FDB entries that lead to it. */
    record RemovePort(int vni, PortConfig port) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return Edits.ofVni(
                    config,
                    vni,
                    its -> its.withPorts(Edits.without(
                                    its.ports(), other -> other.name().equals(port.name())))
                            .withFdb(Edits.without(
                                    its.fdb(), entry -> entry.port().equals(Optional.of(port.name())))));
        }

        @Override
        public List<Line> lines() {
            return List.of(Line.removed("vni " + vni + " port " + port.name(), Edits.text(port)));
        }
    }

    /**
     * Another policy of a VNI or of a port.
     *
     * @param port its name; null for the VNI
     */
    record SetPolicy(int vni, @Nullable String port, Optional<PolicyConfig> before, Optional<PolicyConfig> after)
            implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            UnaryOperator<VniConfig> edit = its -> port == null
                    ? its.withPolicy(after)
                    : its.withPorts(its.ports().stream()
                            .map(other -> other.name().equals(port) ? other.withPolicy(after) : other)
                            .toList());
            return Edits.ofVni(config, vni, edit);
        }

        @Override
        public List<Line> lines() {
            return List.of(new Line(
                    "vni " + vni + (port == null ? "" : " port " + port) + " policy",
                    Edits.text(before),
                    Edits.text(after)));
        }
    }

    /** A remote VTEP gets the floods of a VNI. */
    record AddFlood(int vni, InetAddress vtep) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return Edits.ofVni(config, vni, its -> its.withFlood(Edits.with(its.flood(), vtep)));
        }

        @Override
        public List<Line> lines() {
            return List.of(Line.added("vni " + vni + " flood", AddressText.of(vtep)));
        }
    }

    /** A remote VTEP gets the floods of a VNI no longer. */
    record RemoveFlood(int vni, InetAddress vtep) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return Edits.ofVni(config, vni, its -> its.withFlood(Edits.without(its.flood(), vtep::equals)));
        }

        @Override
        public List<Line> lines() {
            return List.of(Line.removed("vni " + vni + " flood", AddressText.of(vtep)));
        }
    }

    /**
     * A static FDB entry comes, in the place of another for its MAC.
     *
     * @param before the other one; null without one
     */
    record SetEntry(int vni, @Nullable FdbEntryConfig before, FdbEntryConfig entry) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return Edits.ofVni(
                    config,
                    vni,
                    its -> its.withFdb(Edits.with(
                            Edits.without(its.fdb(), other -> other.mac().equals(entry.mac())), entry)));
        }

        @Override
        public List<Line> lines() {
            return List.of(new Line(
                    "vni " + vni + " fdb " + entry.mac(),
                    before == null ? null : Edits.text(before),
                    Edits.text(entry)));
        }
    }

    /** A static FDB entry goes. */
    record RemoveEntry(int vni, FdbEntryConfig entry) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return Edits.ofVni(
                    config,
                    vni,
                    its -> its.withFdb(
                            Edits.without(its.fdb(), other -> other.mac().equals(entry.mac()))));
        }

        @Override
        public List<Line> lines() {
            return List.of(Line.removed("vni " + vni + " fdb " + entry.mac(), Edits.text(entry)));
        }
    }

    /**
     * A neighbour comes, in the place of another with its address.
     *
     * @param before the other one; null without one
     */
    record SetNeighbour(int vni, @Nullable NeighbourConfig before, NeighbourConfig neighbour) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return Edits.ofVni(
                    config,
                    vni,
                    its -> its.withNeighbours(Edits.with(
                            Edits.without(
                                    its.neighbours(), other -> other.address().equals(neighbour.address())),
                            neighbour)));
        }

        @Override
        public List<Line> lines() {
            return List.of(new Line(
                    "vni " + vni + " neighbour " + AddressText.of(neighbour.address()),
                    before == null ? null : before.mac().toString(),
                    neighbour.mac().toString()));
        }
    }

    /** A neighbour goes. */
    record RemoveNeighbour(int vni, NeighbourConfig neighbour) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return Edits.ofVni(
                    config,
                    vni,
                    its -> its.withNeighbours(Edits.without(
                            its.neighbours(), other -> other.address().equals(neighbour.address()))));
        }

        @Override
        public List<Line> lines() {
            return List.of(Line.removed(
                    "vni " + vni + " neighbour " + AddressText.of(neighbour.address()),
                    neighbour.mac().toString()));
        }
    }

    /** Other remote VTEPs that are known beside those of VNIs. */
    record SetVteps(List<InetAddress> before, List<InetAddress> after) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return config.withUnderlay(config.underlay().withVteps(after));
        }

        @Override
        public List<Line> lines() {
            return Edits.difference("vtep", before, after);
        }
    }

    /** Other networks that datagrams are accepted from. */
    record SetAllow(Optional<List<Prefix>> before, Optional<List<Prefix>> after) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return config.withUnderlay(config.underlay().withAllow(after));
        }

        @Override
        public List<Line> lines() {
            return List.of(new Line("underlay.allow", Edits.networks(before), Edits.networks(after)));
        }
    }

    /** Other settings of the tunnel's headers. */
    record SetTunnel(TunnelSettings after, List<KeyChange> changes) implements OfKeys {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return config.withUnderlay(config.underlay().withTunnel(after));
        }
    }

    /** Another schedule. */
    record SetSchedule(ScheduleConfig after, List<KeyChange> changes) implements OfKeys {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return config.withSchedule(after);
        }
    }

    /** Whether flows are cached, and how many hits are compared; the capacity stays. */
    record SetFastpath(boolean enabled, int shadow, List<KeyChange> changes) implements OfKeys {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return config.withFastpath(config.fastpath().with(enabled, shadow));
        }
    }

    /** Other control planes, or other series of metrics. */
    record SetControl(ControlConfig before, ControlConfig after, List<KeyChange> changes) implements OfKeys {
        private static final String LIST = "control.planes";

        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            ControlConfig its = config.control();
            return config.withControl(
                    its.with(after.metrics(), its.planes().with(after.planes().planes())));
        }

        /** Planes one by one, as they may be long. */
        @Override
        public List<Line> lines() {
            List<Line> lines = new ArrayList<>(changes.stream()
                    .filter(change -> !change.path().equals(LIST))
                    .map(KeyChange::line)
                    .toList());
            PlanesConfig old = before.planes();
            PlanesConfig next = after.planes();
            for (PlaneConfig plane : next.planes()) {
                @Nullable PlaneConfig was = old.plane(plane.name()).orElse(null);
                if (plane.equals(was)) continue;
                lines.add(new Line(path(plane), was == null ? null : Edits.text(was), Edits.text(plane)));
            }
            for (PlaneConfig plane : old.planes()) {
                if (next.plane(plane.name()).isEmpty()) lines.add(Line.removed(path(plane), Edits.text(plane)));
            }
            return lines;
        }

        private static String path(PlaneConfig plane) {
            return LIST + " " + plane.name();
        }
    }

    /** Other address sets. */
    record SetAddressSets(List<AddressSetConfig> before, List<AddressSetConfig> after) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return config.withAddressSets(after);
        }

        @Override
        public List<Line> lines() {
            return Edits.difference(before, after);
        }
    }

    /** A key that differs and takes a restart: nothing changes now. */
    record NeedRestart(KeyChange change) implements Action {
        @Override
        public GatewayConfig applyTo(GatewayConfig config) {
            return config;
        }

        @Override
        public List<Line> lines() {
            return List.of(change.line());
        }
    }
}
