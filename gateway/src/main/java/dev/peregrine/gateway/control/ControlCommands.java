package dev.peregrine.gateway.control;

import java.util.List;

/** What a running gateway can be asked and told. Called on the control thread alone, one at a time. */
public interface ControlCommands {

    StatusReport status();

    List<VniRow> vnis();

    List<PortRow> ports();

    List<VtepRow> vteps();

    /** The entries that match, static and learned. */
    List<FdbRow> fdb(FdbFilter filter) throws CommandRefused;

    /** Adds the entry, or replaces the one of the same MAC address and VNI. */
    void fdbAdd(FdbAddition addition) throws CommandRefused;

    /** Removes the entry; refused when there is none. */
    void fdbDelete(FdbKey key) throws CommandRefused;

    /** Removes the entries that match; returns how many. */
    int fdbFlush(FdbFlush flush) throws CommandRefused;

    /** Every drop reason, also those that have not occurred. */
    List<DropRow> drops();

    List<WorkerRow> workers();

    List<StageRow> stages();
}
