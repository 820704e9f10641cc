package dev.peregrine.gateway.policy;

import dev.peregrine.dataplane.bpf.BpfMap;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.gateway.config.model.FastpathConfig.Kernel;
import dev.peregrine.gateway.config.model.FlowStatesConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import org.jspecify.annotations.Nullable;

/**
 * The flow states of a gateway, with their words where programs in the kernel read them too, if flows are wanted there.
 */
public final class StateWords implements AutoCloseable {
    private final @Nullable BpfMap map;
    private final FlowStates states;

    /** Empty states. */
    StateWords(GatewayConfig config) {
        FlowStatesConfig of = config.flowStates();
        map = config.fastpath().kernel() == Kernel.OFF ? null : mapOf(FlowStates.words(of.capacity()));
        states = map == null
                ? new FlowStates(of.capacity(), of.timeouts(), of.pickUp())
                : new FlowStates(of.capacity(), of.timeouts(), of.pickUp(), map.memory());
    }

    /** Null where no program can be had, either. */
    private static @Nullable BpfMap mapOf(int words) {
        try {
            return KernelTables.words(words);
        } catch (LinuxException e) {
            return null;
        }
    }

    /** The states. */
    public FlowStates states() {
        return states;
    }

    /** Their words, as programs read them; null where they cannot. */
    public @Nullable BpfMap map() {
        return map;
    }

    /** Gives the map up. The states stay. */
    @Override
    public void close() {
        if (map != null) {
            map.close();
        }
    }
}
