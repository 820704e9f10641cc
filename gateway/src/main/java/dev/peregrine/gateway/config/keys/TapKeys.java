package dev.peregrine.gateway.config.keys;

import dev.peregrine.dataplane.linux.netlink.Route;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.packet.EnumWord;
import dev.peregrine.gateway.config.model.TapPortConfig;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Lists;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.Values;
import dev.peregrine.gateway.config.value.MacAddress;
import java.util.List;
import java.util.Optional;

/** The keys of a port whose device the gateway makes: the same for each kind of device. */
final class TapKeys {
    private final TapPortConfig.Kind kind;
    private final Table<TapPortConfig> table;
    private final Key<TapPortConfig, String> name;
    private final Key<TapPortConfig, String> device;
    private final Key<TapPortConfig, Optional<String>> netns;
    private final Key<TapPortConfig, Optional<MacAddress>> mac;
    private final Key<TapPortConfig, List<Prefix>> addresses;
    private final Key<TapPortConfig, List<Route>> routes;
    private final Key<TapPortConfig, Integer> queues;
    private final Key<TapPortConfig, Optional<PolicyConfig>> policy;

    /** @param meaning what the gateway makes, of the key {@code type} */
    TapKeys(TapPortConfig.Kind kind, String meaning) {
        this.kind = kind;
        String word = EnumWord.of(kind);
        table = new Table<>("vnis[].ports[] of type " + word, this::create);
        name = table.required("name", NetworkTypes.portName(), TapPortConfig::name, PortKeys.NAME_MEANING);
        table.required("type", PortKeys.word(word), TapPortConfig::type, meaning);
        device = table.required(
                "device",
                NetworkTypes.deviceName(),
                TapPortConfig::device,
                "The device's name, unique in its namespace.");
        netns = table.optional("netns", NetworkTypes.namespace(), TapPortConfig::netns, PortKeys.NETNS_MEANING);
        mac = table.defaulted(
                "mac",
                NetworkTypes.macOrAuto(),
                Optional.empty(),
                port -> Optional.of(port.mac()),
                "The device's MAC address." + PortKeys.MAC_DEFAULT_MEANING);
        addresses = table.defaulted(
                "addresses",
                Lists.listOf(NetworkTypes.interfaceAddress()),
                List.of(),
                TapPortConfig::addresses,
                "The device's addresses, each with its prefix length.");
        routes = table.defaulted(
                "routes",
                Lists.listOf(PortKeys.ROUTE),
                List.of(),
                TapPortConfig::routes,
                "Routes out of the device; see below.");
        queues = table.defaulted(
                "queues",
                Scalars.integer(1, 256),
                1,
                TapPortConfig::queues,
                "The device's queues; more than one lets several workers serve it, each flow by one of them: see"
                        + " [scheduling.md](scheduling.md#queues-of-a-port).");
        policy = table.optional("policy", PolicyKeys.POLICY, TapPortConfig::policy, PortKeys.POLICY_MEANING);
    }

    Table<TapPortConfig> table() {
        return table;
    }

    private TapPortConfig create(Values values) {
        String named = values.get(name);
        return new TapPortConfig(
                named,
                kind,
                values.get(device),
                values.get(netns),
                values.get(mac).orElseGet(() -> PortKeys.derivedMac(values, named)),
                values.get(addresses),
                values.get(routes),
                values.get(queues),
                values.get(policy));
    }
}
