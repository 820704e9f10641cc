package dev.peregrine.gateway.config.keys;

import dev.peregrine.dataplane.policy.conntrack.FlowTimeouts;
import dev.peregrine.gateway.config.model.FlowStatesConfig;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Quantities;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.Values;
import java.time.Duration;
import java.util.function.Function;

/** The keys of {@code flowStates}. */
public final class FlowStatesKeys {
    private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1000);

    /** The keys of {@code flowStates}. */
    public static final Table<FlowStatesConfig> TABLE =
            new Table<>("flowStates", FlowStatesKeys::create).takesRestart();

    private static final Key<FlowStatesConfig, Integer> CAPACITY = TABLE.defaulted(
            "capacity",
            Scalars.integer(64, 1 << 24),
            65536,
            FlowStatesConfig::capacity,
            "Flows that find a place; one takes 224 bytes or more, 96 of them on the heap.");
    private static final Key<FlowStatesConfig, Boolean> PICK_UP = TABLE.defaulted(
            "pickUp",
            Scalars.flag(),
            true,
            FlowStatesConfig::pickUp,
            "Whether a TCP segment of an unknown connection that rules let pass begins a flow, so that connections"
                    + " survive a restart of the gateway; otherwise only a SYN does.");
    private static final Key<FlowStatesConfig, Duration> TCP_HANDSHAKE =
            timeout("tcpHandshake", FlowTimeouts::tcpHandshake, "a TCP connection without its handshake");
    private static final Key<FlowStatesConfig, Duration> TCP_ESTABLISHED =
            timeout("tcpEstablished", FlowTimeouts::tcpEstablished, "a TCP connection");
    private static final Key<FlowStatesConfig, Duration> TCP_HALF_CLOSED =
            timeout("tcpHalfClosed", FlowTimeouts::tcpHalfClosed, "one that one end has closed");
    private static final Key<FlowStatesConfig, Duration> TCP_CLOSED =
            timeout("tcpClosed", FlowTimeouts::tcpClosed, "one that both ends have closed");
    private static final Key<FlowStatesConfig, Duration> TCP_RESET =
            timeout("tcpReset", FlowTimeouts::tcpReset, "one that was reset");
    private static final Key<FlowStatesConfig, Duration> UDP = timeout("udp", FlowTimeouts::udp, "UDP without a reply");
    private static final Key<FlowStatesConfig, Duration> UDP_REPLIED =
            timeout("udpReplied", FlowTimeouts::udpReplied, "UDP in both directions");
    private static final Key<FlowStatesConfig, Duration> ECHO = timeout("echo", FlowTimeouts::echo, "ICMP echo");
    private static final Key<FlowStatesConfig, Duration> OTHER =
            timeout("other", FlowTimeouts::other, "another protocol");
    private static final Key<FlowStatesConfig, Duration> FRAGMENTS =
            timeout("fragments", FlowTimeouts::fragments, "a datagram's later fragments");

    private FlowStatesKeys() {}

    private static Key<FlowStatesConfig, Duration> timeout(
            String name, Function<FlowTimeouts, Duration> of, String what) {
        return TABLE.defaulted(
                name,
                Quantities.duration(FlowTimeouts.SHORTEST, LONGEST_TIMEOUT),
                of.apply(FlowTimeouts.DEFAULT),
                config -> of.apply(config.timeouts()),
                "After which silence a flow is forgotten: " + what + ".");
    }

    private static FlowStatesConfig create(Values values) {
        return new FlowStatesConfig(
                values.get(CAPACITY),
                values.get(PICK_UP),
                new FlowTimeouts(
                        values.get(TCP_HANDSHAKE),
                        values.get(TCP_ESTABLISHED),
                        values.get(TCP_HALF_CLOSED),
                        values.get(TCP_CLOSED),
                        values.get(TCP_RESET),
                        values.get(UDP),
                        values.get(UDP_REPLIED),
                        values.get(ECHO),
                        values.get(OTHER),
                        values.get(FRAGMENTS)));
    }
}
