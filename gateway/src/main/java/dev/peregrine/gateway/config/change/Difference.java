package dev.peregrine.gateway.config.change;

import dev.peregrine.gateway.config.keys.RootKeys;
import dev.peregrine.gateway.config.model.FdbEntryConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.NeighbourConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The difference of two configurations, as {@link Action}s in an order that loses nothing: additions come before
 * removals, so that a frame finds its way all the time. A port that takes the place of another, with its name, its
 * device, its MAC address or its socket, comes after that one has gone. The order of lists does not matter.
 */
public final class Difference {
    private final GatewayConfig before;
    private final GatewayConfig after;
    private final Map<Integer, VniConfig> old;
    private final Map<Integer, VniConfig> next;
    private final List<Action> actions = new ArrayList<>();
    private final List<Action.AddPort> comingPorts = new ArrayList<>();
    private final List<Action.RemovePort> goingPorts = new ArrayList<>();
    private final List<Action> going = new ArrayList<>();

    private Difference(GatewayConfig before, GatewayConfig after) {
        this.before = before;
        this.after = after;
        old = byNumber(before);
        next = byNumber(after);
    }

    /** The actions from one configuration to another; empty when they say the same. */
    public static List<Action> between(GatewayConfig before, GatewayConfig after) {
        Difference difference = new Difference(before, after);
        difference.find();
        return List.copyOf(difference.actions);
    }

    private static Map<Integer, VniConfig> byNumber(GatewayConfig config) {
        Map<Integer, VniConfig> vnis = new LinkedHashMap<>();
        config.vnis().forEach(vni -> vnis.put(vni.vni(), vni));
        return vnis;
    }

    /** The VNI before, without lists and policy if it is new. */
    private VniConfig before(VniConfig vni) {
        return old.getOrDefault(vni.vni(), vni.fresh());
    }

    private void find() {
        List<KeyChange> keys = KeyChange.of(
                RootKeys.TABLE,
                "",
                before.withVnis(List.of()),
                after.withVnis(List.of()),
                Set.of("vnis", "addressSets"));
        if (!Set.copyOf(before.underlay().vteps())
                .equals(Set.copyOf(after.underlay().vteps()))) {
            actions.add(new Action.SetVteps(
                    before.underlay().vteps(), after.underlay().vteps()));
        }
        findNewVnis();
        findPolicies();
        for (VniConfig vni : after.vnis()) {
            findFloods(vni, before(vni));
        }
        findPorts();
        findVniChanges();
        findSettings(keys);
        findOldVnis();
        keys.stream()
                .filter(KeyChange::needsRestart)
                .map(Action.NeedRestart::new)
                .forEach(actions::add);
    }

    private void findNewVnis() {
        for (VniConfig vni : after.vnis()) {
            if (!old.containsKey(vni.vni())) {
                actions.add(new Action.AddVni(vni.fresh()));
            }
        }
    }

    private void findVniChanges() {
        for (VniConfig vni : after.vnis()) {
            VniConfig was = before(vni);
            if (!vni.withListsOf(was).equals(was)) {
                actions.add(new Action.SetVni(was, vni));
            }
            findEntries(vni, was);
            findNeighbours(vni, was);
        }
    }

    /** Removals come last, a VNI behind all that it has. */
    private void findOldVnis() {
        List<VniConfig> gone = before.vnis().stream()
                .filter(vni -> !next.containsKey(vni.vni()))
                .toList();
        gone.forEach(this::removeLists);
        actions.addAll(going);
        actions.addAll(goingPorts);
        gone.forEach(vni -> actions.add(new Action.RemoveVni(vni.vni())));
    }

    private void removeLists(VniConfig vni) {
        vni.fdb().forEach(entry -> going.add(new Action.RemoveEntry(vni.vni(), entry)));
        vni.neighbours().forEach(neighbour -> going.add(new Action.RemoveNeighbour(vni.vni(), neighbour)));
        vni.flood().forEach(vtep -> going.add(new Action.RemoveFlood(vni.vni(), vtep)));
    }

    // ---- policies ---------------------------------------------------------------------------------------------

    /** Of VNIs and ports that stay; address sets first, which their rules name. */
    private void findPolicies() {
        if (!Set.copyOf(before.addressSets()).equals(Set.copyOf(after.addressSets()))) {
            actions.add(new Action.SetAddressSets(before.addressSets(), after.addressSets()));
        }
        for (VniConfig vni : after.vnis()) {
            VniConfig was = before(vni);
            if (!vni.policy().equals(was.policy())) {
                actions.add(new Action.SetPolicy(vni.vni(), null, was.policy(), vni.policy()));
            }
            Map<String, PortConfig> ports = byKey(was.ports(), PortConfig::name);
            for (PortConfig port : vni.ports()) {
                PortConfig itself = ports.get(port.name());
                if (itself != null && isSameDevice(port, itself) && !port.equals(itself)) {
                    actions.add(new Action.SetPolicy(vni.vni(), port.name(), itself.policy(), port.policy()));
                }
            }
        }
    }

    private static boolean isSameDevice(PortConfig one, PortConfig other) {
        return one.withPolicy(Optional.empty()).equals(other.withPolicy(Optional.empty()));
    }

    // ---- ports ------------------------------------------------------------------------------------------------

    private void findPorts() {
        for (VniConfig vni : after.vnis()) {
            Map<String, PortConfig> ports = byKey(before(vni).ports(), PortConfig::name);
            for (PortConfig port : vni.ports()) {
                PortConfig was = ports.get(port.name());
                if (was == null || !isSameDevice(port, was)) {
                    comingPorts.add(new Action.AddPort(vni.vni(), port));
                }
            }
        }
        for (VniConfig vni : before.vnis()) {
            VniConfig becomes = next.getOrDefault(vni.vni(), vni.bare());
            Map<String, PortConfig> ports = byKey(becomes.ports(), PortConfig::name);
            for (PortConfig port : vni.ports()) {
                PortConfig stays = ports.get(port.name());
                if (stays == null || !isSameDevice(port, stays)) {
                    goingPorts.add(new Action.RemovePort(vni.vni(), port));
                }
            }
        }
        List<Action.RemovePort> makingRoom =
                goingPorts.stream().filter(this::isInTheWay).toList();
        goingPorts.removeAll(makingRoom);
        actions.addAll(makingRoom);
        actions.addAll(comingPorts);
    }

    private boolean isInTheWay(Action.RemovePort going) {
        PortConfig port = going.port();
        return comingPorts.stream().anyMatch(coming -> {
            PortConfig other = coming.port();
            return port.name().equals(other.name())
                    || (port.device() != null
                            && port.device().equals(other.device())
                            && mayBeSame(port.namespace(), other.namespace()))
                    || (port.deliver() != null && port.deliver().equals(other.deliver()))
                    || (going.vni() == coming.vni()
                            && port.ownMac().isPresent()
                            && port.ownMac().equals(other.ownMac()));
        });
    }

    /** A path such as {@code /proc/PID/ns/net} may be that of any namespace: only the kernel could tell. */
    private static boolean mayBeSame(String namespace, String other) {
        return namespace.equals(other) || namespace.startsWith("/") || other.startsWith("/");
    }

    private boolean isNewPort(int vni, String name) {
        return comingPorts.stream()
                .anyMatch(coming -> coming.vni() == vni && coming.port().name().equals(name));
    }

    // ---- entries ----------------------------------------------------------------------------------------------

    /** An entry that leads to a port that takes another's place is made again with it. */
    private void findEntries(VniConfig vni, VniConfig was) {
        Map<?, FdbEntryConfig> entries = byKey(was.fdb(), FdbEntryConfig::mac);
        Map<?, FdbEntryConfig> staying = byKey(vni.fdb(), FdbEntryConfig::mac);
        for (FdbEntryConfig entry : vni.fdb()) {
            FdbEntryConfig itself = entries.get(entry.mac());
            boolean isAnew =
                    entry.port().filter(port -> isNewPort(vni.vni(), port)).isPresent();
            if (isAnew || !entry.equals(itself)) {
                actions.add(new Action.SetEntry(vni.vni(), itself, entry));
            }
        }
        for (FdbEntryConfig entry : was.fdb()) {
            if (!staying.containsKey(entry.mac())) {
                going.add(new Action.RemoveEntry(vni.vni(), entry));
            }
        }
    }

    private void findNeighbours(VniConfig vni, VniConfig was) {
        Map<?, NeighbourConfig> neighbours = byKey(was.neighbours(), NeighbourConfig::address);
        Map<?, NeighbourConfig> staying = byKey(vni.neighbours(), NeighbourConfig::address);
        for (NeighbourConfig neighbour : vni.neighbours()) {
            @Nullable NeighbourConfig itself = neighbours.get(neighbour.address());
            if (!neighbour.equals(itself)) {
                actions.add(new Action.SetNeighbour(vni.vni(), itself, neighbour));
            }
        }
        for (NeighbourConfig neighbour : was.neighbours()) {
            if (!staying.containsKey(neighbour.address())) {
                going.add(new Action.RemoveNeighbour(vni.vni(), neighbour));
            }
        }
    }

    private void findFloods(VniConfig vni, VniConfig was) {
        for (InetAddress vtep : vni.flood()) {
            if (!was.flood().contains(vtep)) {
                actions.add(new Action.AddFlood(vni.vni(), vtep));
            }
        }
        for (InetAddress vtep : was.flood()) {
            if (!vni.flood().contains(vtep)) {
                going.add(new Action.RemoveFlood(vni.vni(), vtep));
            }
        }
    }

    // ---- settings ---------------------------------------------------------------------------------------------

    private void findSettings(List<KeyChange> keys) {
        if (!Objects.equals(before.underlay().allow(), after.underlay().allow())) {
            actions.add(new Action.SetAllow(
                    before.underlay().allow(), after.underlay().allow()));
        }
        if (!before.underlay().tunnel().equals(after.underlay().tunnel())) {
            List<KeyChange> changes = within("underlay.", keys).stream()
                    .filter(key -> !Set.of("underlay.allow", "underlay.vteps").contains(key.path()))
                    .toList();
            actions.add(new Action.SetTunnel(after.underlay().tunnel(), changes));
        }
        if (!before.schedule().equals(after.schedule())) {
            actions.add(new Action.SetSchedule(after.schedule(), within("schedule.", keys)));
        }
        List<KeyChange> control = within("control.", keys);
        if (!control.isEmpty()) {
            actions.add(new Action.SetControl(before.control(), after.control(), control));
        }
        List<KeyChange> cache = within("fastpath.", keys);
        if (!cache.isEmpty()) {
            actions.add(new Action.SetFastpath(
                    after.fastpath().enabled(), after.fastpath().shadow(), cache));
        }
    }

    /** The keys of a section that a reload applies. */
    private static List<KeyChange> within(String section, List<KeyChange> keys) {
        return keys.stream()
                .filter(key -> !key.needsRestart() && key.path().startsWith(section))
                .toList();
    }

    private static <K, T> Map<K, T> byKey(List<T> list, Function<T, K> key) {
        Map<K, T> map = new HashMap<>();
        list.forEach(element -> map.put(key.apply(element), element));
        return map;
    }
}
