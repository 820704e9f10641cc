package dev.peregrine.gateway.control;

import java.util.List;
import java.util.Optional;

/** The questions and orders that a running gateway takes. Called on the control thread alone, one at a time. */
public interface ControlCommands {

    StatusReport status();

    List<VniRow> vnis();

    List<PortRow> ports();

    List<VtepRow> vteps();

    /** The entries that match, static and learned. */
    List<FdbRow> fdb(FdbFilter filter) throws CommandRefused;

    /**
     * Adds the entry in the place of a dynamic one of the same MAC address and VNI. A static one stays, and this is refused,
     * unless the addition replaces; that of the configuration file or of a port stays even then.
     */
    void fdbAdd(FdbAddition addition) throws CommandRefused;

    /** Removes the entry; refused when there is none, or it is of the configuration file or of a port. */
    void fdbDelete(FdbKey key) throws CommandRefused;

    /** Removes the entries that match; returns how many. */
    int fdbFlush(FdbFlush flush) throws CommandRefused;

    /** The flows in the caches, at most {@code most}. */
    List<FlowRow> flows(int most) throws CommandRefused;

    FlowStats flowStats();

    /** Forgets all flows; returns how many. */
    long flowFlush() throws CommandRefused;

    /** Turns the fast path on or off. */
    void flowSwitch(boolean on) throws CommandRefused;

    /** The flows that policies have let pass and that are meant, at most {@code most}. */
    List<StateRow> states(StateFilter filter, int most) throws CommandRefused;

    StateStats stateStats();

    /** Ends the flows that are meant; returns how many. No packet passes because of them when this returns. */
    int stateFlush(StateFilter filter) throws CommandRefused;

    /** Every drop reason, also those that have not occurred. */
    List<DropRow> drops();

    /** The rules of everything, or of one VNI or port, with how often they were met. */
    List<PolicyRow> policies(Optional<PolicyScope> only) throws CommandRefused;

    /** The policy of a VNI or port as YAML. */
    String policyShow(PolicyScope scope) throws CommandRefused;

    /**
     * Puts a policy in the place of the one there is, all or nothing. As with every change of policy, no packet is
     * decided by the old one when this returns.
     *
     * @param source what messages call {@code yaml}
     * @param endFlows whether established flows end that the new policy denies
     * @return how many flows ended
     */
    int policyReplace(PolicyScope scope, String yaml, String source, boolean endFlows) throws CommandRefused;

    /** Adds a rule, as YAML, before the one with a name, or at the end; otherwise as {@link #policyReplace}. */
    int policyAdd(PolicyScope scope, boolean in, String rule, Optional<String> before, boolean endFlows)
            throws CommandRefused;

    /** Removes the rule with a name; refused when there is none; otherwise as {@link #policyReplace}. */
    int policyDelete(PolicyScope scope, boolean in, String name, boolean endFlows) throws CommandRefused;

    /** The rows that a packet, as YAML, would meet, in the order in which a frame does; the last one is the verdict. */
    List<PolicyTestRow> policyTest(PolicyScope scope, boolean in, String packet) throws CommandRefused;

    List<WorkerRow> workers();

    List<StageRow> stages();

    ScheduleReport schedule();

    /**
     * Changes the schedule without loss.
     *
     * @param mode a word of the configuration's {@code schedule.mode}
     * @param balance a word of {@code schedule.balance}; empty: as configured
     * @param split whether to split the receiving device; empty: as configured
     */
    ScheduleReport scheduleSet(String mode, Optional<String> balance, Optional<Boolean> split) throws CommandRefused;

    /** Where flows run: those with a hash, or some if none is given. Refused when the schedule is not pipelined. */
    List<SteeringRow> scheduleMap(Optional<Integer> flowHash) throws CommandRefused;
}
