package dev.peregrine.gateway.config.keys;

import dev.peregrine.gateway.config.model.ControlConfig;
import dev.peregrine.gateway.config.model.FastpathConfig;
import dev.peregrine.gateway.config.model.FlowStatesConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.ScheduleConfig;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.model.WorkersConfig;
import dev.peregrine.gateway.config.model.policy.AddressSetConfig;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Lists;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.Values;
import java.util.List;

/** The keys at the top of the file. */
public final class RootKeys {
    /** The keys of the whole file. */
    public static final Table<GatewayConfig> TABLE = new Table<>("", RootKeys::create);

    static final Key<GatewayConfig, UnderlayConfig> UNDERLAY = TABLE.required(
            "underlay",
            UnderlayKeys.TABLE,
            GatewayConfig::underlay,
            "The carrying network: this VTEP's address and how VXLAN datagrams are sent and accepted.");
    private static final Key<GatewayConfig, WorkersConfig> WORKERS =
            TABLE.section("workers", WorkerKeys.WORKERS, GatewayConfig::workers, "The threads that carry packets.");
    private static final Key<GatewayConfig, ScheduleConfig> SCHEDULE = TABLE.section(
            "schedule",
            WorkerKeys.SCHEDULE,
            GatewayConfig::schedule,
            "How the stages of one flow are spread over the workers.");
    private static final Key<GatewayConfig, FastpathConfig> FASTPATH = TABLE.section(
            "fastpath",
            WorkerKeys.FASTPATH,
            GatewayConfig::fastpath,
            "The flow cache: packets of flows that it knows skip the devices.");
    private static final Key<GatewayConfig, List<AddressSetConfig>> ADDRESS_SETS = TABLE.defaulted(
            "addressSets",
            Lists.listOf(PolicyKeys.ADDRESS_SET),
            List.of(),
            GatewayConfig::addressSets,
            "Networks that rules of policies name together.");
    private static final Key<GatewayConfig, FlowStatesConfig> FLOW_STATES = TABLE.section(
            "flowStates",
            FlowStatesKeys.TABLE,
            GatewayConfig::flowStates,
            "The flows that policies with `replies` have let pass.");
    private static final Key<GatewayConfig, List<VniConfig>> VNIS =
            TABLE.defaulted("vnis", Lists.listOf(VniKeys.TABLE), List.of(), GatewayConfig::vnis, "The segments.");
    private static final Key<GatewayConfig, ControlConfig> CONTROL = TABLE.section(
            "control",
            ControlKeys.TABLE,
            GatewayConfig::control,
            "Where the gateway is controlled and observed, and the control planes by which it learns of others.");

    private RootKeys() {}

    private static GatewayConfig create(Values values) {
        return new GatewayConfig(
                values.get(UNDERLAY),
                values.get(WORKERS),
                values.get(SCHEDULE),
                values.get(FASTPATH),
                values.get(ADDRESS_SETS),
                values.get(FLOW_STATES),
                values.get(VNIS),
                values.get(CONTROL));
    }
}
