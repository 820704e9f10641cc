package dev.peregrine.gateway.config.change;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.gateway.config.PolicyText;
import dev.peregrine.gateway.config.keys.PlaneKeys;
import dev.peregrine.gateway.config.model.FdbEntryConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.model.plane.PlaneConfig;
import dev.peregrine.gateway.config.model.policy.AddressSetConfig;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.schema.Yaml;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Edits of configurations and lists, each of which makes a new one; and parts of them as text in one line. */
final class Edits {
    private Edits() {}

    static <T> List<T> with(List<T> list, T element) {
        List<T> more = new ArrayList<>(list);
        more.add(element);
        return more;
    }

    static <T> List<T> without(List<T> list, Predicate<T> which) {
        return list.stream().filter(which.negate()).toList();
    }

    static GatewayConfig ofVni(GatewayConfig config, int number, UnaryOperator<VniConfig> edit) {
        return config.withVnis(config.vnis().stream()
                .map(vni -> vni.vni() == number ? edit.apply(vni) : vni)
                .toList());
    }

    static String text(PortConfig port) {
        String where = port.device() != null ? port.device() : String.valueOf(port.deliver());
        return port.type() + " " + where
                + port.netns().map(netns -> " in " + netns).orElse("");
    }

    static String text(PlaneConfig plane) {
        return Yaml.line(PlaneKeys.PLANE.yaml(plane));
    }

    static String text(FdbEntryConfig entry) {
        return entry.vtep()
                .map(vtep -> "vtep " + AddressText.of(vtep))
                .orElseGet(() -> "port " + entry.port().orElse(""));
    }

    static @Nullable String text(Optional<PolicyConfig> policy) {
        return policy.map(PolicyText::line).orElse(null);
    }

    static String networks(Optional<List<Prefix>> networks) {
        return networks.map(List::toString).orElse("auto");
    }

    static List<Line> difference(String what, List<InetAddress> before, List<InetAddress> after) {
        List<Line> lines = new ArrayList<>();
        after.stream()
                .filter(address -> !before.contains(address))
                .forEach(address -> lines.add(Line.added(what, AddressText.of(address))));
        before.stream()
                .filter(address -> !after.contains(address))
                .forEach(address -> lines.add(Line.removed(what, AddressText.of(address))));
        return lines;
    }

    static List<Line> difference(List<AddressSetConfig> before, List<AddressSetConfig> after) {
        Map<String, String> old = networks(before);
        Map<String, String> next = networks(after);
        Set<String> names = new LinkedHashSet<>(next.keySet());
        names.addAll(old.keySet());
        return names.stream()
                .filter(name -> !String.valueOf(old.get(name)).equals(next.get(name)))
                .map(name -> new Line("addressSets " + name, old.get(name), next.get(name)))
                .toList();
    }

    private static Map<String, String> networks(List<AddressSetConfig> sets) {
        return sets.stream()
                .collect(Collectors.toMap(
                        AddressSetConfig::name,
                        set -> set.addresses().toString(),
                        (one, other) -> one,
                        LinkedHashMap::new));
    }
}
