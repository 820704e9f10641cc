package dev.peregrine.gateway.metric;

import java.util.List;
import java.util.Locale;

/**
 * Every metric of the gateway's own: its name, its kind, its labels and what it means. Packets are wire packets, a superframe
 * counts as its segments, except where the meaning says otherwise. Names and labels do not change.
 */
public enum Metric {
    BUILD(Kind.INFO, "peregrine_build", "The version that runs.", "version"),
    UPTIME(Kind.GAUGE, "peregrine_uptime_seconds", "Seconds since the start."),
    READY(Kind.GAUGE, "peregrine_ready", "1 while traffic flows, else 0: what /readyz says."),
    UNDERLAY_UP(Kind.GAUGE, "peregrine_underlay_up", "1 while the underlay's sockets are open, else 0."),
    MODE(
            Kind.INFO,
            "peregrine_mode",
            "How packets come in and how workers share them: native or netty, and the schedule in use.",
            "underlay",
            "schedule"),
    OFFLOAD_ENABLED(
            Kind.GAUGE, "peregrine_offload_enabled", "1 if an offload of the underlay is in use, else 0.", "offload"),

    UNDERLAY_RX_PACKETS(
            Kind.COUNTER, "peregrine_underlay_rx_packets_total", "VXLAN datagrams received from the underlay."),
    UNDERLAY_TX_PACKETS(Kind.COUNTER, "peregrine_underlay_tx_packets_total", "VXLAN datagrams sent to the underlay."),
    UNDERLAY_RX_BYTES(Kind.COUNTER, "peregrine_underlay_rx_bytes_total", "UDP payload received from known VTEPs."),
    UNDERLAY_TX_BYTES(Kind.COUNTER, "peregrine_underlay_tx_bytes_total", "UDP payload sent to VTEPs."),
    UNDERLAY_RECEIVE_FAILURES(
            Kind.COUNTER,
            "peregrine_underlay_receive_failures_total",
            "Calls to receive that failed; status has the last errno."),
    KERNEL_LOSSES(
            Kind.COUNTER,
            "peregrine_kernel_losses_total",
            "What the kernel lost in front of the underlay's sockets since the start, by its own names. The counts are of a"
                    + " whole network namespace or interface, other programs' packets included.",
            "counter"),
    DROPS(
            Kind.COUNTER,
            "peregrine_drops_total",
            "Dropped packets by reason; every reason is there from the start, drop list explains each.",
            "reason"),

    PORTS(Kind.GAUGE, "peregrine_ports", "Local ports by state: up, waiting or failed.", "state"),
    PORT_UP(Kind.GAUGE, "peregrine_port_up", "1 while frames pass a port, else 0.", Label.PORT, Label.VNI),
    PORT_RX_PACKETS(
            Kind.COUNTER,
            "peregrine_port_rx_packets_total",
            "Frames that came out of a port: what the workload sent.",
            Label.PORT,
            Label.VNI),
    PORT_TX_PACKETS(
            Kind.COUNTER,
            "peregrine_port_tx_packets_total",
            "Frames that went into a port: what the workload was given.",
            Label.PORT,
            Label.VNI),
    PORT_RX_BYTES(
            Kind.COUNTER,
            "peregrine_port_rx_bytes_total",
            "Bytes of the frames that came out of a port.",
            Label.PORT,
            Label.VNI),
    PORT_TX_BYTES(
            Kind.COUNTER,
            "peregrine_port_tx_bytes_total",
            "Bytes of the frames that went into a port.",
            Label.PORT,
            Label.VNI),

    VTEPS(Kind.GAUGE, "peregrine_vteps", "Remote VTEPs that are known."),
    VTEP_RX_PACKETS(
            Kind.COUNTER, "peregrine_vtep_rx_packets_total", "Datagrams received from a remote VTEP.", Label.VTEP),
    VTEP_TX_PACKETS(Kind.COUNTER, "peregrine_vtep_tx_packets_total", "Datagrams sent to a remote VTEP.", Label.VTEP),
    VTEP_RX_BYTES(
            Kind.COUNTER, "peregrine_vtep_rx_bytes_total", "UDP payload received from a remote VTEP.", Label.VTEP),
    VTEP_TX_BYTES(Kind.COUNTER, "peregrine_vtep_tx_bytes_total", "UDP payload sent to a remote VTEP.", Label.VTEP),
    VTEP_MTU(
            Kind.GAUGE,
            "peregrine_vtep_path_mtu_bytes",
            "Bytes of inner IP packet that the path to a remote VTEP carries, as far as the VNIs allow.",
            Label.VTEP),

    VNI_MTU(Kind.GAUGE, "peregrine_vni_mtu_bytes", "Bytes of inner IP packet that a VNI carries.", Label.VNI),
    FDB_ENTRIES(Kind.GAUGE, "peregrine_fdb_entries", "FDB entries of a VNI.", Label.VNI),
    FDB_LIMIT(Kind.GAUGE, "peregrine_fdb_limit_entries", "The most FDB entries that a VNI may have.", Label.VNI),
    FDB_LEARNED(Kind.COUNTER, "peregrine_fdb_learned_total", "FDB entries that learning made.", Label.VNI),
    FDB_MOVES(
            Kind.COUNTER,
            "peregrine_fdb_moves_total",
            "How often a learned address showed up behind another port or VTEP.",
            Label.VNI),
    FDB_AGED(Kind.COUNTER, "peregrine_fdb_aged_total", "FDB entries that went because they were silent.", Label.VNI),
    FDB_REFUSED(
            Kind.COUNTER,
            "peregrine_fdb_refused_total",
            "Sightings of addresses that a limit kept from being learned.",
            Label.VNI),
    NEIGHBOURS(
            Kind.GAUGE,
            "peregrine_neighbour_entries",
            "Addresses that ARP and neighbour discovery are answered for.",
            Label.VNI),
    LEARNS_DROPPED(
            Kind.COUNTER,
            "peregrine_learns_dropped_total",
            "Sightings of addresses that did not fit the queue to the control thread."),

    FLOW_ENTRIES(Kind.GAUGE, "peregrine_flow_cache_entries", "Flows in a worker's flow cache.", Label.WORKER),
    FLOW_CAPACITY(
            Kind.GAUGE, "peregrine_flow_cache_capacity_entries", "The most flows of a worker's cache.", Label.WORKER),
    FLOW_HITS(Kind.COUNTER, "peregrine_flow_cache_hits_total", "Packets that took the fast path.", Label.WORKER),
    FLOW_MISSES(
            Kind.COUNTER,
            "peregrine_flow_cache_misses_total",
            "Packets whose flow was not in the cache.",
            Label.WORKER),
    FLOW_BYPASSES(
            Kind.COUNTER,
            "peregrine_flow_cache_bypasses_total",
            "Packets that the cache is not for: fragments, TCP segments that open or close, and the like.",
            Label.WORKER),
    FLOW_INSERTS(Kind.COUNTER, "peregrine_flow_cache_inserts_total", "Flows that entered the cache.", Label.WORKER),
    FLOW_EVICTIONS(
            Kind.COUNTER,
            "peregrine_flow_cache_evictions_total",
            "Flows that had to leave the cache for others.",
            Label.WORKER),
    FLOW_STALE(
            Kind.COUNTER,
            "peregrine_flow_cache_stale_total",
            "Look-ups that found a decision older than a change of tables.",
            Label.WORKER),
    FLOW_MISMATCHES(
            Kind.COUNTER,
            "peregrine_flow_cache_mismatches_total",
            "Packets for which the shadow mode found a difference: a bug.",
            Label.WORKER),

    STATE_ENTRIES(Kind.GAUGE, "peregrine_state_entries", "Established flows in the table behind replies."),
    STATE_PLACES(Kind.GAUGE, "peregrine_state_capacity_entries", "Places for established flows."),
    STATE_OPENED(Kind.COUNTER, "peregrine_state_opened_total", "Flows that entered the table."),
    STATE_EXPIRED(Kind.COUNTER, "peregrine_state_expired_total", "Flows that fell silent, as far as swept."),
    STATE_EVICTED(Kind.COUNTER, "peregrine_state_evicted_total", "Flows that left the table early, for newer ones."),
    STATE_REFUSED(Kind.COUNTER, "peregrine_state_refused_total", "Flows that found no place in the table."),
    STATE_FLUSHED(Kind.COUNTER, "peregrine_state_flushed_total", "Flows that a command ended."),
    POLICY_LOG_LOST(
            Kind.COUNTER,
            "peregrine_policy_log_lost_total",
            "Packets that met logging rules, but found the queue to the log full."),

    WORKER_LOAD(
            Kind.GAUGE,
            "peregrine_worker_load_ratio",
            "Share of the time in which a worker had work: a running mean, which reads 0.96 at most.",
            Label.WORKER),
    WORKER_BUSY(Kind.COUNTER, "peregrine_worker_busy_seconds_total", "Time in which a worker had work.", Label.WORKER),
    WORKER_CPU(Kind.GAUGE, "peregrine_worker_cpu", "The number of the CPU that a worker is pinned to.", Label.WORKER),
    WORKER_PACKETS(
            Kind.COUNTER,
            "peregrine_worker_packets_total",
            "Packets that a worker took, a superframe as one.",
            Label.WORKER),
    WORKER_HAND_OFFS(Kind.COUNTER, "peregrine_worker_hand_offs_total", "Packets given to other workers.", Label.WORKER),
    WORKER_WAKE_UPS(
            Kind.COUNTER, "peregrine_worker_wake_ups_total", "Times that another worker raised it.", Label.WORKER),
    WORKER_REORDERS(
            Kind.COUNTER,
            "peregrine_worker_reorders_total",
            "Packets delivered after later ones of their flow, among one of 64 flows: must stay 0.",
            Label.WORKER),
    WORKER_QUEUE(
            Kind.GAUGE,
            "peregrine_worker_queue_packets",
            "Packets that wait for a worker in links from others.",
            Label.WORKER),
    WORKER_PARKED(
            Kind.GAUGE,
            "peregrine_worker_parked_packets",
            "Packets that wait until their flow may change its path.",
            Label.WORKER),
    WORKER_BATCH(
            Kind.HISTOGRAM,
            "peregrine_worker_batch_packets",
            "Packets in each batch that a worker received, a superframe as one.",
            Label.WORKER),
    LATENCY(
            Kind.HISTOGRAM,
            "peregrine_latency_seconds",
            "Time from where a packet was received to where it had been handed to the kernel or the application; of the"
                    + " first packet of a batch, and of one batch in 64.",
            Label.WORKER),
    POOL_BUFFERS(Kind.GAUGE, "peregrine_pool_buffers", "Buffers of a worker's pool.", Label.WORKER),
    POOL_IN_USE(
            Kind.GAUGE,
            "peregrine_pool_buffers_in_use",
            "Buffers that are not free now, those included that are lent to the kernel to receive into.",
            Label.WORKER),
    POOL_EMPTY(Kind.COUNTER, "peregrine_pool_empty_total", "How often a worker found no buffer free.", Label.WORKER),

    STAGE_PACKETS(
            Kind.COUNTER,
            "peregrine_stage_packets_total",
            "Packets that a stage handled, or that the flow cache sent past it; all ports together.",
            Label.DEVICE,
            Label.STAGE,
            Label.WORKER),
    STAGE_BATCHES(
            Kind.COUNTER,
            "peregrine_stage_batches_total",
            "Batches that a stage handled; all ports together.",
            Label.DEVICE,
            Label.STAGE,
            Label.WORKER),
    STAGE_DROPS(
            Kind.COUNTER,
            "peregrine_stage_drops_total",
            "Packets that a stage dropped; all ports together.",
            Label.DEVICE,
            Label.STAGE,
            Label.WORKER);

    /** The kinds of metrics. */
    public enum Kind {
        COUNTER,
        GAUGE,
        INFO,
        HISTOGRAM;

        /** As in {@code counter}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The labels that several metrics have. */
    private static final class Label {
        static final String DEVICE = "device";
        static final String STAGE = "stage";
        static final String PORT = "port";
        static final String VNI = "vni";
        static final String VTEP = "vtep";
        static final String WORKER = "worker";
    }

    private final Kind kind;
    private final String title;
    private final String meaning;

    /** With spaces between. */
    private final String labels;

    Metric(Kind kind, String title, String meaning, String... labels) {
        this.kind = kind;
        this.title = title;
        this.meaning = meaning;
        this.labels = String.join(" ", labels);
    }

    /** What values it has and how they change. */
    public Kind kind() {
        return kind;
    }

    /** Its name, with {@code _total} where it is a counter; an info has {@code _info} behind it. */
    public String title() {
        return title;
    }

    /** A sentence about it. */
    public String meaning() {
        return meaning;
    }

    /** The names of its labels. */
    public List<String> labels() {
        return labels.isEmpty() ? List.of() : List.of(labels.split(" ", -1));
    }
}
