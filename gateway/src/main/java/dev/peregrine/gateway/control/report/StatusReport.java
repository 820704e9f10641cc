package dev.peregrine.gateway.control.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to {@code status}. Packets are wire packets: a superframe counts its segments.
 *
 * @param underlayMode {@code native} or {@code netty}, never {@code auto}
 * @param schedule the schedule in use, never {@code auto}
 * @param scheduleReason why this schedule
 * @param workers how many
 * @param rxPackets VXLAN datagrams received from the underlay
 * @param txPackets VXLAN datagrams sent to the underlay
 * @param drops packets dropped, of all reasons
 * @param state {@code ready}, {@code waiting} (for the underlay) or {@code draining}
 * @param local the local VTEP's address
 * @param port UDP port
 * @param underlayState {@code up} or {@code waiting}
 * @param underlayReason what the underlay waits for; null when it is up
 * @param fdbEntries of all VNIs
 * @param receiveFailures calls of receiving sockets that failed
 * @param receiveError the last of these, as in {@code ENOMEM (cannot allocate memory)}; null when there was none
 * @param learnsDropped sightings of MACs that workers could not tell the control thread: their frames are flooded
 *     longer
 * @param neighboursDropped what hosts said of their addresses, likewise: requests for them are flooded
 * @param statesOpened flows that entered the table of established flows
 * @param statesEvicted flows that left it early, for newer ones
 * @param statesRefused flows that found no place in it
 * @param logLinesDropped packets that met logging rules, but found the queue to the log full
 * @param kernelCounters what the kernel lost in front of the underlay's sockets since the start
 * @param sendBufferBytes send buffer that each sending underlay socket has
 * @param sendBufferWantedBytes send buffer that each should have
 * @param poolEmpty how often a worker found no buffer free
 * @param workerCpus where each worker runs, as of the last look some seconds ago
 * @param receivers those who do receive work for the underlay, likewise
 * @param receiversUnknown of which of these nothing is known, and why; empty if all are known
 * @param pid of the gateway's process, in its own namespace of processes
 * @param configuration path of the file that it was started with; null without one
 * @param networkNamespace that it runs in, as in {@code net:[4026531840]}
 * @param kernelTier of the flow cache
 * @param planes as {@code control list} has them
 */
public record StatusReport(
        String version,
        String underlayMode,
        String schedule,
        String scheduleReason,
        int workers,
        long rxPackets,
        long txPackets,
        long drops,
        String state,
        long uptimeSeconds,
        String local,
        int port,
        int fdbEntries,
        List<OffloadRow> offloads,
        long receiveFailures,
        @Nullable String receiveError,
        long learnsDropped,
        long neighboursDropped,
        long statesOpened,
        long statesEvicted,
        long statesRefused,
        long logLinesDropped,
        List<KernelCounterRow> kernelCounters,
        int sendBufferBytes,
        int sendBufferWantedBytes,
        long poolEmpty,
        String underlayState,
        @Nullable String underlayReason,
        List<WorkerCpuRow> workerCpus,
        List<ReceiverRow> receivers,
        List<String> receiversUnknown,
        long pid,
        @Nullable String configuration,
        String networkNamespace,
        KernelTierReport kernelTier,
        List<PlaneRow> planes) {

    /** An offload, whether it is in use, and why or why not. */
    public record OffloadRow(String name, boolean enabled, String reason) {}

    /**
     * The CPU of a worker.
     *
     * @param cpu that it is pinned to
     * @param allowed whether the process may still use it
     * @param sharedWith names of receivers that run there too
     */
    public record WorkerCpuRow(String name, int cpu, boolean allowed, List<String> sharedWith) {}

    /**
     * One who does receive work for the underlay: a NAPI thread, an interrupt or packet steering.
     *
     * @param cpus where it may run, as in {@code 0-3,8}
     */
    public record ReceiverRow(String name, String cpus) {}

    /**
     * A counter of the kernel, which is of a whole network namespace or interface: other programs' packets count too.
     *
     * @param name as {@code nstat} or {@code ip -s link} has it
     * @param text a few words
     */
    public record KernelCounterRow(String name, long count, String text) {}
}
