package dev.peregrine.gateway.underlay;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntToLongFunction;
import org.agrona.collections.IntHashSet;

/**
 * Forgets remote VTEPs that the configuration does not name, that have been silent for {@link #SILENT_NANOS}, and
 * behind which no MAC is known: else strangers from allowed networks would fill the table for good. Belongs to the
 * control thread.
 */
public final class VtepAgeing {
    /** As long as an FDB entry lives by default. */
    static final long SILENT_NANOS = 300_000_000_000L;

    private final VtepTable vteps;
    private final Fdb fdb;
    private final IntToLongFunction received;
    private final Runnable applyLearns;
    private final Runnable announceChange;
    private final Runnable awaitWorkers;
    private final Consumer<RemoteVtep> forgotten;

    /** By index: datagrams at the last look, and since when there were no more. */
    private final long[] counts;

    private final long[] sinceNanos;
    private final RemoteVtep[] known;

    /**
     * Ages a table.
     *
     * @param received datagrams that all workers had from the VTEP with an index
     * @param applyLearns brings into the FDB what workers have seen
     * @param announceChange ends what was remembered of decisions
     * @param awaitWorkers returns when every packet that was decided before has settled
     * @param forgotten is told of each VTEP that is forgotten, before its index goes to another
     */
    public VtepAgeing(
            VtepTable vteps,
            Fdb fdb,
            IntToLongFunction received,
            Runnable applyLearns,
            Runnable announceChange,
            Runnable awaitWorkers,
            Consumer<RemoteVtep> forgotten) {
        this.vteps = vteps;
        this.fdb = fdb;
        this.received = received;
        this.applyLearns = applyLearns;
        this.announceChange = announceChange;
        this.awaitWorkers = awaitWorkers;
        this.forgotten = forgotten;
        counts = new long[vteps.slots()];
        sinceNanos = new long[vteps.slots()];
        known = new RemoteVtep[vteps.slots()];
    }

    /** Looks who has been silent for too long; returns how many were forgotten. */
    public int tick(long nowNanos) {
        Set<RemoteVtep> silent = new HashSet<>();
        for (RemoteVtep vtep : vteps.list()) {
            if (!vtep.isConfigured() && isSilent(vtep, nowNanos)) {
                silent.add(vtep);
            }
        }
        if (!silent.isEmpty()) {
            fdb.forEach((segment, mac, port, kind, seen) -> {
                if (Ports.isTunnel(port)) {
                    silent.remove(known[Ports.tunnelIndex(port)]);
                }
            });
        }
        forget(silent);
        return silent.size();
    }

    @SuppressWarnings("ReferenceEquality") // an index may have a new VTEP
    private boolean isSilent(RemoteVtep vtep, long nowNanos) {
        int index = vtep.index();
        long count = received.applyAsLong(index);
        if (known[index] != vtep || counts[index] != count) {
            known[index] = vtep;
            counts[index] = count;
            sinceNanos[index] = nowNanos;
        }
        return nowNanos - sinceNanos[index] >= SILENT_NANOS;
    }

    /**
     * Forgets VTEPs that are not configured, with the entries that lead to them. Nothing names their tunnel ports any
     * more when others get these.
     */
    public void forget(Collection<RemoteVtep> silent) {
        if (silent.isEmpty()) {
            return;
        }
        vteps.retire(silent);
        awaitWorkers.run();
        applyLearns.run();
        IntHashSet ports = new IntHashSet();
        silent.forEach(vtep -> ports.add(vtep.port()));
        fdb.removeIf((segment, mac, port, kind, seen) -> ports.contains(port));
        announceChange.run();
        awaitWorkers.run();
        silent.forEach(forgotten);
        vteps.reuse(silent);
    }
}
