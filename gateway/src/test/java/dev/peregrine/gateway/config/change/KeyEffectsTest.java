package dev.peregrine.gateway.config.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.keys.ControlKeys;
import dev.peregrine.gateway.config.keys.FlowStatesKeys;
import dev.peregrine.gateway.config.keys.UnderlayKeys;
import dev.peregrine.gateway.config.keys.VniKeys;
import dev.peregrine.gateway.config.keys.WorkerKeys;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * For every key: if the reference says that a reload puts it into effect, there are actions for it, and if not, there
 * are none.
 */
class KeyEffectsTest {
    /** Another value for every key that has no list of mappings and is no mapping. */
    private static final Map<String, String> OTHERS = others("""
            underlay.local=10.0.0.101
            underlay.port=4790
            underlay.device=eth7
            underlay.mode=netty
            underlay.sourcePorts=50000-50100
            underlay.checksum=off
            underlay.checksum6=off
            underlay.ecn=rfc3168
            underlay.ttl=inherit
            underlay.dscp=7
            underlay.df=false
            underlay.reservedBits=strict
            underlay.allow=[10.0.0.0/8]
            underlay.vteps=[10.0.0.9]
            underlay.receiveBuffer=1MiB
            underlay.offload.gro=off
            underlay.offload.gso=off
            underlay.offload.tapOffload=off
            workers.count=2
            workers.cpus=[0]
            workers.idle=spin
            workers.nice=-3
            workers.sliceMillis=5
            workers.napiThreads=leave
            schedule.mode=queued
            schedule.loadThreshold=50
            schedule.balance=static
            schedule.sampleMillis=20
            schedule.split=true
            schedule.deviceIds.underlay=11
            schedule.deviceIds.vtep=12
            schedule.deviceIds.bridge=13
            schedule.deviceIds.port=14
            fastpath.enabled=false
            fastpath.capacity=128
            fastpath.shadow=9
            fastpath.kernel=auto
            fastpath.helper=off
            flowStates.capacity=1024
            flowStates.pickUp=false
            flowStates.tcpHandshake=11s
            flowStates.tcpEstablished=12s
            flowStates.tcpHalfClosed=13s
            flowStates.tcpClosed=14s
            flowStates.tcpReset=15s
            flowStates.udp=16s
            flowStates.udpReplied=17s
            flowStates.echo=18s
            flowStates.other=19s
            flowStates.fragments=20s
            control.socket=/run/other.sock
            control.http=127.0.0.1:9465
            control.metrics.ports=off
            control.metrics.vteps=7
            control.hold=forever
            control.withdrawDelay=2s
            control.shrinkHold=31s
            control.drainDelay=0
            control.cache=off
            control.duplicate.moves=6
            control.duplicate.window=181s
            control.duplicate.action=freeze
            control.duplicate.recover=60s
            control.planes=[{name: dir, type: file, path: /etc/peregrine/claims.d}]
            vnis[].announce.learned=true
            vnis[].announce.limit=7
            vnis[].vni=43
            vnis[].mtu=1400
            vnis[].learning=ports
            vnis[].unknownUnicast=drop
            vnis[].ageing=60s
            vnis[].fdbLimit=100
            vnis[].fdbLimitPerPort=10
            vnis[].mssClamp=true
            vnis[].suppressNeighbours=true
            vnis[].groupForwardMask=4
            vnis[].flood=[10.0.0.7]
            """);

    private static final List<Table<?>> TABLES = List.of(
            UnderlayKeys.TABLE,
            UnderlayKeys.OFFLOAD,
            WorkerKeys.WORKERS,
            WorkerKeys.SCHEDULE,
            WorkerKeys.DEVICE_IDS,
            WorkerKeys.FASTPATH,
            FlowStatesKeys.TABLE,
            ControlKeys.TABLE,
            ControlKeys.METRICS,
            ControlKeys.DUPLICATE,
            VniKeys.TABLE,
            VniKeys.ANNOUNCE);

    /**
     * Lists and mappings of a VNI: {@code DifferenceTest} has them. {@code control} names planes, which there must be.
     */
    private static final Set<String> MAPPINGS =
            Set.of("vnis[].control", "vnis[].neighbours", "vnis[].fdb", "vnis[].ports", "vnis[].policy");

    private static Map<String, String> others(String lines) {
        Map<String, String> others = new LinkedHashMap<>();
        lines.lines().map(line -> line.split("=", 2)).forEach(pair -> others.put(pair[0], pair[1]));
        return others;
    }

    @Test
    void everyKeyHasTheEffectThatTheReferenceNames() throws BadConfig {
        GatewayConfig before = config("underlay.local", "10.0.0.100");
        List<String> seen = new ArrayList<>();
        for (Table<?> table : TABLES) {
            for (Key<?, ?> key : table.keys()) {
                String path = table.title() + "." + key.name();
                if (!(key.type() instanceof Table<?>) && !MAPPINGS.contains(path)) {
                    seen.add(path);
                    GatewayConfig after = config(path, Objects.requireNonNull(OTHERS.get(path), path));
                    check(path, key.effect(), before, after);
                }
            }
        }
        assertEquals(OTHERS.keySet(), Set.copyOf(seen));
    }

    private static void check(String path, Key.Effect effect, GatewayConfig before, GatewayConfig after) {
        List<Action> actions = Difference.between(before, after);
        assertFalse(actions.isEmpty(), path);
        GatewayConfig made = before;
        for (Action action : actions) {
            made = action.applyTo(made);
        }
        if (effect == Key.Effect.RESTART) {
            assertEquals(before, made, path);
            Action.NeedRestart only = (Action.NeedRestart) actions.getFirst();
            assertEquals(path, only.change().path());
            assertTrue(only.change().needsRestart(), path);
        } else {
            assertEquals(after, made, path);
            assertTrue(actions.stream().noneMatch(Action.NeedRestart.class::isInstance), path);
            assertFalse(actions.getFirst().lines().isEmpty(), path);
        }
    }

    /** A file in which one key has a value. */
    private static GatewayConfig config(String path, String value) throws BadConfig {
        Map<String, String> keys = new LinkedHashMap<>(Map.of("underlay.local", "10.0.0.100", "vnis[].vni", "42"));
        keys.put(path, value);
        StringBuilder text = new StringBuilder();
        Set<String> sections = Set.of("underlay", "workers", "schedule", "fastpath", "flowStates", "control", "vnis[]");
        for (String section : sections) {
            StringBuilder mapping = new StringBuilder();
            keys.forEach((key, its) -> {
                if (key.startsWith(section + ".")) {
                    String name = key.substring(section.length() + 1);
                    int dot = name.indexOf('.');
                    String pair = dot < 0
                            ? name + ": " + its
                            : name.substring(0, dot) + ": {" + name.substring(dot + 1) + ": " + its + "}";
                    mapping.append(mapping.isEmpty() ? "" : ", ").append(pair);
                }
            });
            if (!mapping.isEmpty()) {
                text.append(section.equals("vnis[]") ? "vnis: [{" + mapping + "}]" : section + ": {" + mapping + "}")
                        .append('\n');
            }
        }
        return ConfigFile.parse(path, text.toString()).config();
    }
}
