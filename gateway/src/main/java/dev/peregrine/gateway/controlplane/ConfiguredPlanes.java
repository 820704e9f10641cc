package dev.peregrine.gateway.controlplane;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.resolve.ResolverSettings;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.model.plane.AnnounceConfig;
import dev.peregrine.gateway.config.model.plane.DuplicateConfig;
import dev.peregrine.gateway.config.model.plane.EtcdPlaneConfig;
import dev.peregrine.gateway.config.model.plane.EvpnPlaneConfig;
import dev.peregrine.gateway.config.model.plane.FilePlaneConfig;
import dev.peregrine.gateway.config.model.plane.KubernetesPlaneConfig;
import dev.peregrine.gateway.config.model.plane.PlaneConfig;
import dev.peregrine.gateway.config.model.plane.PlanesConfig;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Has the control planes, and who listens to them, follow the configuration. Belongs to the control thread. */
public final class ConfiguredPlanes {
    private final Supplier<ControlPlanes> planes;
    private final BiFunction<PlaneConfig, IpAddress, ControlPlane> maker;
    private final Map<String, PlaneConfig> made = new LinkedHashMap<>();
    private final Map<Integer, Listening> listening = new HashMap<>();

    /** The planes and settings of a VNI. */
    private record Listening(List<String> names, AnnounceConfig announce) {}

    /**
     * None yet.
     *
     * @param planes makes them at the first call
     */
    public ConfiguredPlanes(Supplier<ControlPlanes> planes) {
        this(planes, PlaneMaker::make);
    }

    /** With another maker of planes, which takes the gateway's address on the underlay, too. */
    ConfiguredPlanes(Supplier<ControlPlanes> planes, BiFunction<PlaneConfig, IpAddress, ControlPlane> maker) {
        this.planes = planes;
        this.maker = maker;
    }

    /**
     * Adds planes that are new or changed, has the VNIs listen that there are, and removes planes that are not named.
     * A place is withdrawn from when no plane publishes there any more, under whichever name.
     */
    public void follow(GatewayConfig config) {
        List<PlaneConfig> now = config.control().planes().planes();
        Set<String> named = new HashSet<>();
        now.forEach(plane -> named.add(plane.name()));
        now.forEach(plane -> rename(plane, named));
        List<String> added = new ArrayList<>();
        for (PlaneConfig plane : now) {
            PlaneConfig before = made.put(plane.name(), plane);
            if (!plane.equals(before)) {
                IpAddress own = IpAddress.of(config.underlay().local());
                boolean isElsewhere = before != null && isLeft(before, now);
                planes.get().add(PlaneMaker.limits(plane), plane.type(), maker.apply(plane, own), isElsewhere);
                forget(plane.name()); // not to the new one of the name do they listen
                added.add(plane.name());
            }
        }
        config.vnis().forEach(this::listen);
        added.forEach(name -> planes.get().start(name));
        for (String name : List.copyOf(made.keySet())) {
            if (!named.contains(name)) {
                planes.get().remove(name);
                made.remove(name);
            }
        }
    }

    /** A plane that is new at its place goes on as the one that publishes there, if that is named no more. */
    private void rename(PlaneConfig plane, Set<String> named) {
        if (plane.equals(made.get(plane.name()))) return;
        for (PlaneConfig before : List.copyOf(made.values())) {
            if (named.contains(before.name()) || !isSamePlace(before, plane)) continue;
            planes.get().rename(before.name(), plane.name());
            forget(before.name());
            made.remove(before.name());
            return;
        }
    }

    /** Whether no plane publishes any more where one did. */
    private static boolean isLeft(PlaneConfig before, List<PlaneConfig> now) {
        return now.stream().noneMatch(its -> isSamePlace(before, its));
    }

    private void forget(String name) {
        listening.values().removeIf(its -> its.names.contains(name));
    }

    static boolean isSamePlace(PlaneConfig before, PlaneConfig now) {
        return (before instanceof EtcdPlaneConfig etcd && now instanceof EtcdPlaneConfig its)
                // a cluster that has one more endpoint is the same
                ? etcd.prefix().equals(its.prefix()) && !Collections.disjoint(etcd.endpoints(), its.endpoints())
                : place(before).equals(place(now));
    }

    /** Where a plane publishes; what is published there by one of the same place, the next one takes over. */
    private static List<Object> place(PlaneConfig plane) {
        return switch (plane) {
            case EtcdPlaneConfig etcd -> List.of(etcd.type(), etcd.prefix(), etcd.endpoints());
            case FilePlaneConfig file ->
                file.announce()
                        .<List<Object>>map(to -> List.of(file.type(), "announces to", to))
                        .orElse(List.of(file.type(), file.path())); // it publishes nothing
            case EvpnPlaneConfig evpn ->
                evpn.engine() == EvpnPlaneConfig.Engine.GOBGP
                        ? List.of(evpn.type(), evpn.engine(), evpn.api())
                        : List.of(evpn.type(), evpn.engine()); // the devices of a host, whatever their settings
            case KubernetesPlaneConfig kubernetes ->
                List.of(kubernetes.type(), kubernetes.mode(), kubernetes.server(), kubernetes.node());
        };
    }

    private void listen(VniConfig vni) {
        List<String> names = vni.control().stream().filter(made::containsKey).toList(); // a change may be half made
        Listening now = new Listening(names, vni.announce());
        Listening before = listening.getOrDefault(vni.vni(), new Listening(List.of(), vni.announce()));
        if (now.equals(before)) return;
        listening.put(vni.vni(), now);
        planes.get().listen(vni.vni(), now.names, now.announce.learned(), now.announce.limit());
    }

    /** A VNI is about to close. */
    public void leave(int vni) {
        Listening before = listening.remove(vni);
        if (before != null && !before.names.isEmpty()) planes.get().leave(vni);
    }

    /** The settings of the resolver. */
    public static ResolverSettings settings(PlanesConfig config) {
        DuplicateConfig duplicate = config.duplicate();
        return new ResolverSettings(
                config.withdrawDelay(),
                config.hold().orElse(ResolverSettings.FOREVER),
                config.shrinkHold(),
                duplicate.moves(),
                duplicate.window(),
                duplicate.action() == DuplicateConfig.Action.FREEZE,
                duplicate.recover());
    }
}
