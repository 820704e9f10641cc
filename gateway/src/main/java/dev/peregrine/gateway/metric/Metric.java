package dev.peregrine.gateway.metric;

import static dev.peregrine.gateway.metric.Metric.Kind.COUNTER;
import static dev.peregrine.gateway.metric.Metric.Kind.GAUGE;
import static dev.peregrine.gateway.metric.Metric.Kind.HISTOGRAM;
import static dev.peregrine.gateway.metric.Metric.Kind.INFO;
import static dev.peregrine.gateway.metric.Metric.Label.DEVICE;
import static dev.peregrine.gateway.metric.Metric.Label.PLANE;
import static dev.peregrine.gateway.metric.Metric.Label.PORT;
import static dev.peregrine.gateway.metric.Metric.Label.STAGE;
import static dev.peregrine.gateway.metric.Metric.Label.VNI;
import static dev.peregrine.gateway.metric.Metric.Label.VTEP;
import static dev.peregrine.gateway.metric.Metric.Label.WORKER;

import java.util.List;
import java.util.Locale;

/**
 * Every metric of the gateway's own: its name, its kind, its labels and what it means. Packets are wire packets, a
 * superframe counts as its segments, except where the meaning says otherwise. Names and labels do not change.
 */
public enum Metric {
    BUILD(INFO, "peregrine_build", "The version that runs.", "version"),
    UPTIME(GAUGE, "peregrine_uptime_seconds", "Seconds since the start."),
    READY(GAUGE, "peregrine_ready", "1 while traffic flows, else 0: what /readyz says."),
    UNDERLAY_UP(GAUGE, "peregrine_underlay_up", "1 while the underlay's sockets are open, else 0."),
    MODE(
            INFO,
            "peregrine_mode",
            "How packets come in and how workers share them: native or netty, and the schedule in use.",
            "underlay",
            "schedule"),
    OFFLOAD_ENABLED(
            GAUGE, "peregrine_offload_enabled", "1 if an offload of the underlay is in use, else 0.", "offload"),

    UNDERLAY_RX_PACKETS(COUNTER, "peregrine_underlay_rx_packets_total", "VXLAN datagrams received from the underlay."),
    UNDERLAY_TX_PACKETS(COUNTER, "peregrine_underlay_tx_packets_total", "VXLAN datagrams sent to the underlay."),
    UNDERLAY_RX_BYTES(COUNTER, "peregrine_underlay_rx_bytes_total", "UDP payload received from known VTEPs."),
    UNDERLAY_TX_BYTES(COUNTER, "peregrine_underlay_tx_bytes_total", "UDP payload sent to VTEPs."),
    UNDERLAY_RECEIVE_FAILURES(
            COUNTER,
            "peregrine_underlay_receive_failures_total",
            "Calls to receive that failed; status has the last errno."),
    KERNEL_LOSSES(
            COUNTER,
            "peregrine_kernel_losses_total",
            "What the kernel lost in front of the underlay's sockets since the start, by its own names. The counts are of a"
                    + " whole network namespace or interface, other programs' packets included.",
            "counter"),
    DROPS(
            COUNTER,
            "peregrine_drops_total",
            "Dropped packets by reason; every reason is there from the start, drop list explains each.",
            "reason"),

    PORTS(GAUGE, "peregrine_ports", "Local ports by state: up, waiting or failed.", "state"),
    PORT_UP(GAUGE, "peregrine_port_up", "1 while frames pass a port, else 0.", PORT, VNI),
    PORT_RX_PACKETS(
            COUNTER,
            "peregrine_port_rx_packets_total",
            "Frames that came out of a port: what the workload sent.",
            PORT,
            VNI),
    PORT_TX_PACKETS(
            COUNTER,
            "peregrine_port_tx_packets_total",
            "Frames that went into a port: what the workload was given.",
            PORT,
            VNI),
    PORT_RX_BYTES(COUNTER, "peregrine_port_rx_bytes_total", "Bytes of the frames that came out of a port.", PORT, VNI),
    PORT_TX_BYTES(COUNTER, "peregrine_port_tx_bytes_total", "Bytes of the frames that went into a port.", PORT, VNI),

    VTEPS(GAUGE, "peregrine_vteps", "Remote VTEPs that are known."),
    VTEP_RX_PACKETS(COUNTER, "peregrine_vtep_rx_packets_total", "Datagrams received from a remote VTEP.", VTEP),
    VTEP_TX_PACKETS(COUNTER, "peregrine_vtep_tx_packets_total", "Datagrams sent to a remote VTEP.", VTEP),
    VTEP_RX_BYTES(COUNTER, "peregrine_vtep_rx_bytes_total", "UDP payload received from a remote VTEP.", VTEP),
    VTEP_TX_BYTES(COUNTER, "peregrine_vtep_tx_bytes_total", "UDP payload sent to a remote VTEP.", VTEP),
    VTEP_MTU(
            GAUGE,
            "peregrine_vtep_path_mtu_bytes",
            "Bytes of inner IP packet that the path to a remote VTEP carries, as far as the VNIs allow.",
            VTEP),

    VNI_MTU(GAUGE, "peregrine_vni_mtu_bytes", "Bytes of inner IP packet that a VNI carries.", VNI),
    FDB_ENTRIES(GAUGE, "peregrine_fdb_entries", "FDB entries of a VNI.", VNI),
    FDB_LIMIT(GAUGE, "peregrine_fdb_limit_entries", "The most FDB entries that a VNI may have.", VNI),
    FDB_LEARNED(COUNTER, "peregrine_fdb_learned_total", "FDB entries that learning made.", VNI),
    FDB_MOVES(
            COUNTER,
            "peregrine_fdb_moves_total",
            "How often a learned address showed up behind another port or VTEP.",
            VNI),
    FDB_AGED(COUNTER, "peregrine_fdb_aged_total", "FDB entries that went because they were silent.", VNI),
    FDB_REFUSED(
            COUNTER,
            "peregrine_fdb_refused_total",
            "Sightings of addresses that a limit kept from being learned.",
            VNI),
    NEIGHBOURS(
            GAUGE, "peregrine_neighbour_entries", "Addresses that ARP and neighbour discovery are answered for.", VNI),
    LEARNS_DROPPED(
            COUNTER,
            "peregrine_learns_dropped_total",
            "Sightings of addresses that did not fit the queue to the control thread."),

    FLOW_ENTRIES(GAUGE, "peregrine_flow_cache_entries", "Flows in a worker's flow cache.", WORKER),
    FLOW_CAPACITY(GAUGE, "peregrine_flow_cache_capacity_entries", "The most flows of a worker's cache.", WORKER),
    FLOW_HITS(COUNTER, "peregrine_flow_cache_hits_total", "Packets that took the fast path.", WORKER),
    FLOW_MISSES(COUNTER, "peregrine_flow_cache_misses_total", "Packets whose flow was not in the cache.", WORKER),
    FLOW_BYPASSES(
            COUNTER,
            "peregrine_flow_cache_bypasses_total",
            "Packets that the cache is not for: fragments, TCP segments that open or close, and the like.",
            WORKER),
    FLOW_INSERTS(COUNTER, "peregrine_flow_cache_inserts_total", "Flows that entered the cache.", WORKER),
    FLOW_EVICTIONS(
            COUNTER, "peregrine_flow_cache_evictions_total", "Flows that had to leave the cache for others.", WORKER),
    FLOW_STALE(
            COUNTER,
            "peregrine_flow_cache_stale_total",
            "Look-ups that found a decision older than a change of tables.",
            WORKER),
    FLOW_MISMATCHES(
            COUNTER,
            "peregrine_flow_cache_mismatches_total",
            "Packets for which the shadow mode found a difference: a bug.",
            WORKER),

    STATE_ENTRIES(GAUGE, "peregrine_state_entries", "Established flows in the table behind replies."),
    STATE_PLACES(GAUGE, "peregrine_state_capacity_entries", "Places for established flows."),
    STATE_OPENED(COUNTER, "peregrine_state_opened_total", "Flows that entered the table."),
    STATE_EXPIRED(COUNTER, "peregrine_state_expired_total", "Flows that fell silent, as far as swept."),
    STATE_EVICTED(COUNTER, "peregrine_state_evicted_total", "Flows that left the table early, for newer ones."),
    STATE_REFUSED(COUNTER, "peregrine_state_refused_total", "Flows that found no place in the table."),
    STATE_FLUSHED(COUNTER, "peregrine_state_flushed_total", "Flows that a command ended."),
    POLICY_LOG_LOST(
            COUNTER,
            "peregrine_policy_log_lost_total",
            "Packets that met logging rules, but found the queue to the log full."),

    CONTROL_UP(GAUGE, "peregrine_control_up", "1 while a control plane is live, else 0.", PLANE),
    CONTROL_AWAY(
            GAUGE,
            "peregrine_control_away_seconds",
            "Seconds for which a control plane has not been live; 0 while it is.",
            PLANE),
    CONTROL_CLAIMS(
            GAUGE, "peregrine_control_claims", "VTEPs, members and stations that a control plane claims.", PLANE),
    CONTROL_HELD(
            GAUGE,
            "peregrine_control_held_claims",
            "Claims that a control plane withdrew and that still count for a moment.",
            PLANE),
    CONTROL_GUARDED(
            GAUGE,
            "peregrine_control_guarded_removals",
            "Claims whose removal waits, since the control plane lost most of what it had.",
            PLANE),
    CONTROL_ANNOUNCED(
            GAUGE,
            "peregrine_control_announced",
            "Claims of this gateway that the control plane holds, as it says.",
            PLANE),
    CONTROL_EVENTS(
            COUNTER, "peregrine_control_events_total", "Claims and withdrawals that a control plane reported.", PLANE),
    CONTROL_REFUSED(
            COUNTER,
            "peregrine_control_refused_total",
            "Claims that were not believed, by reason; every reason is there from the start.",
            PLANE,
            "reason"),
    CONTROL_RESYNCS(
            COUNTER,
            "peregrine_control_resyncs_total",
            "Whole pictures that a control plane completed, the first included.",
            PLANE),
    CONTROL_CONFLICTS(
            COUNTER, "peregrine_control_conflicts_total", "Claims about the MAC address of a local port.", PLANE),
    CONTROL_ANNOUNCE_ERRORS(
            COUNTER,
            "peregrine_control_announce_errors_total",
            "Tries to announce or withdraw something of this gateway that a control plane did not take.",
            PLANE),
    CONTROL_RESYNC(
            HISTOGRAM,
            "peregrine_control_resync_seconds",
            "Time from the begin of a whole picture of a control plane to its end.",
            PLANE),
    CONTROL_APPLY(
            HISTOGRAM,
            "peregrine_control_apply_seconds",
            "Time that the control thread spent without a break on claims: on hearing them, deciding, and changing tables."),
    CONTROL_LONGEST_APPLY(
            GAUGE, "peregrine_control_longest_apply_seconds", "The longest of these times since the start."),
    CONTROL_MOVES(
            COUNTER, "peregrine_control_moves_total", "MAC addresses that went from one VTEP to another, all planes."),
    CONTROL_DUPLICATES(
            COUNTER,
            "peregrine_control_duplicates_total",
            "MAC addresses that moved too often, as control.duplicate says, all planes."),
    CONTROL_CHANGES(
            COUNTER, "peregrine_control_changes_total", "Changes that control planes made to the tables, all planes."),

    KERNEL_FLOWS(GAUGE, "peregrine_kernel_flows", "Flows that pass in the kernel now."),
    KERNEL_PACKETS(
            COUNTER,
            "peregrine_kernel_packets_total",
            "Packets that have passed in the kernel; other counters include them."),
    KERNEL_ENABLED(
            GAUGE, "peregrine_kernel_enabled", "1 while known flows may pass in the kernel, else 0; status says why."),
    KERNEL_LEFT(
            COUNTER,
            "peregrine_kernel_left_packets_total",
            "Packets that programs in the kernel left to the gateway, or dropped (refused, late, shed), by the reason.",
            "reason"),

    WORKER_LOAD(
            GAUGE,
            "peregrine_worker_load_ratio",
            "Share of the time in which a worker had work: a running mean, which reads 0.96 at most.",
            WORKER),
    WORKER_BUSY(COUNTER, "peregrine_worker_busy_seconds_total", "Time in which a worker had work.", WORKER),
    WORKER_CPU(GAUGE, "peregrine_worker_cpu", "The number of the CPU that a worker is pinned to.", WORKER),
    WORKER_PACKETS(
            COUNTER, "peregrine_worker_packets_total", "Packets that a worker took, a superframe as one.", WORKER),
    WORKER_HAND_OFFS(COUNTER, "peregrine_worker_hand_offs_total", "Packets given to other workers.", WORKER),
    WORKER_WAKE_UPS(COUNTER, "peregrine_worker_wake_ups_total", "Times that another worker raised it.", WORKER),
    WORKER_REORDERS(
            COUNTER,
            "peregrine_worker_reorders_total",
            "Packets delivered after later ones of their flow, among one of 64 flows: must stay 0.",
            WORKER),
    WORKER_QUEUE(
            GAUGE, "peregrine_worker_queue_packets", "Packets that wait for a worker in links from others.", WORKER),
    WORKER_PARKED(
            GAUGE,
            "peregrine_worker_parked_packets",
            "Packets that wait until their flow may change its path.",
            WORKER),
    WORKER_BATCH(
            HISTOGRAM,
            "peregrine_worker_batch_packets",
            "Packets in each batch that a worker received, a superframe as one.",
            WORKER),
    LATENCY(
            HISTOGRAM,
            "peregrine_latency_seconds",
            "Time from where a packet was received to where it had been handed to the kernel or the application; of the"
                    + " first packet of a batch, and of one batch in 64.",
            WORKER),
    POOL_BUFFERS(GAUGE, "peregrine_pool_buffers", "Buffers of a worker's pool.", WORKER),
    POOL_IN_USE(
            GAUGE,
            "peregrine_pool_buffers_in_use",
            "Buffers that are not free now, those included that are lent to the kernel to receive into.",
            WORKER),
    POOL_EMPTY(COUNTER, "peregrine_pool_empty_total", "How often a worker found no buffer free.", WORKER),

    STAGE_PACKETS(
            COUNTER,
            "peregrine_stage_packets_total",
            "Packets that a stage handled, or that the flow cache sent past it; all ports together.",
            DEVICE,
            STAGE,
            WORKER),
    STAGE_BATCHES(
            COUNTER,
            "peregrine_stage_batches_total",
            "Batches that a stage handled; all ports together.",
            DEVICE,
            STAGE,
            WORKER),
    STAGE_DROPS(
            COUNTER,
            "peregrine_stage_drops_total",
            "Packets that a stage dropped; all ports together.",
            DEVICE,
            STAGE,
            WORKER);

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
    static final class Label {
        static final String DEVICE = "device";
        static final String STAGE = "stage";
        static final String PLANE = "plane";
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

    /** The kind of its values, and the way in which they change. */
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
