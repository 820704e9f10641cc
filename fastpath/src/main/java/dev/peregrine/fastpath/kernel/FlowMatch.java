package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Condition.ABOVE;
import static dev.peregrine.dataplane.bpf.Condition.BELOW;
import static dev.peregrine.dataplane.bpf.Condition.EQUAL;
import static dev.peregrine.dataplane.bpf.Condition.NOT_EQUAL;
import static dev.peregrine.dataplane.bpf.Register.R0;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R3;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R7;
import static dev.peregrine.dataplane.bpf.Register.R8;
import static dev.peregrine.dataplane.bpf.Register.R9;
import static dev.peregrine.dataplane.bpf.Width.BYTE;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.BpfMap;
import dev.peregrine.dataplane.bpf.KernelFunction;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.Register;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.fastpath.kernel.table.KernelKey;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.fastpath.kernel.table.Orders;
import dev.peregrine.fastpath.kernel.table.Outcome;
import dev.peregrine.fastpath.kernel.table.Slot;

/**
 * The part of a program that looks up the flow whose key is on the {@link Stack}, and decides whether the packet goes
 * fast.
 *
 * <pre>
 *   key ─► slot ─► epochs ─► state ─► length ─► in = out? ──► go on, R9 = slot
 *            │        │        │        │          │
 *          unknown  out of   out of   walks     unsettled
 *          flow     date     date       │          │
 *            └────────┴────────┴────────┴──────────┴──► slow: in += amount, the next program has it
 *                                                       or, at the underlay while the gateway sheds: dropped
 * </pre>
 *
 * <p>Order: packets that are left to the gateway are counted in, and the gateway counts them out when they have left
 * it, see {@link Orders}. As long as the counts differ, a packet that came before this one may still be in a queue, so
 * this one must not go fast. The gateway's count is read first: then an equal count of the program's means that nothing
 * was in flight between the two reads. Nothing is remembered from packet to packet, so nothing is out of date when
 * several CPUs have packets of the flow.
 *
 * <p>The kernel uses an element of a hash again at once. So a program may find the key that it looks for, and then read
 * the slot number of the next one. The slot has the key, too, and says no.
 *
 * <p>Wants R6 = context; loses R0 to R5 and R7.
 */
final class FlowMatch {
    private final Assembler a;
    private final KernelTables tables;
    private final Label slow;
    private final Label next;
    private final Label unsettled;

    /** Goes on behind itself, or ends the program with {@link #ends}. */
    FlowMatch(Assembler assembler, KernelTables tables, Label next) {
        a = assembler;
        this.tables = tables;
        this.next = next;
        slow = a.label("slow");
        unsettled = a.label("unsettled");
    }

    /** The ingress in R1 goes into the key, beside protocol and IPv6 bit. */
    void ingress() {
        a.shiftLeft(R1, KernelKey.INGRESS_SHIFT)
                .load(WORD, R2, R10, Stack.KEY + KernelKey.INGRESS)
                .or(R1, R2);
        a.networkOrder(R1, Integer.SIZE).store(WORD, R10, Stack.KEY + KernelKey.INGRESS, R1);
    }

    /** Goes on with R9 = slot, if the packet goes fast. */
    void match() {
        match(slow);
    }

    /** As {@link #match()}; packets that wait for others of their flow go on at {@link #shed}. */
    void matchOrShed() {
        match(unsettled);
    }

    private void match(Label waits) {
        known();
        a.move(R7, Outcome.WALKS.index());
        mayGoFast();
        settled(waits);
    }

    /** Goes on with R9 = slot, if the flow's decision is in force: for packets that another program has sent on. */
    void known() {
        a.move(R7, Outcome.UNKNOWN_FLOW.index());
        look(tables.flows, Stack.KEY, slow);
        a.load(WORD, R1, R0, 0).store(WORD, R10, Stack.ARGUMENT, R1);
        look(tables.slots, Stack.ARGUMENT, slow);
        a.move(R9, R0);
        a.load(DOUBLE, R1, R9, Slot.ALIVE).jumpIf(R1, EQUAL, 0, slow);
        after(R9, R1);
        isOfFlow();
        inForce();
    }

    /** The slot is of the flow that the packet is of. */
    private void isOfFlow() {
        a.move(R3, 0);
        for (int at = 0; at < KernelKey.SIZE; at += Long.BYTES) {
            a.load(DOUBLE, R1, R9, Slot.KEY + at)
                    .load(DOUBLE, R2, R10, Stack.KEY + at)
                    .xor(R1, R2)
                    .or(R3, R1);
        }
        a.jumpIf(R3, NOT_EQUAL, 0, slow);
    }

    /** No CPU loads from {@code base} before it has loaded {@code loaded}, which is lost: the address depends on it. */
    private void after(Register base, Register loaded) {
        a.and(loaded, 0).add(base, loaded);
    }

    private void inForce() {
        Label isFree = a.label("isFree");
        a.move(R7, Outcome.OUT_OF_DATE.index());
        a.store(WORD, R10, Stack.ARGUMENT, 0);
        since();
        a.load(WORD, R1, R9, Slot.SEGMENT).add(R1, 1).store(WORD, R10, Stack.ARGUMENT, R1);
        since();
        a.load(WORD, R1, R9, Slot.WATCH).jumpIf(R1, EQUAL, 0, isFree);
        a.store(WORD, R10, Stack.ARGUMENT, R1);
        look(tables.watches, Stack.ARGUMENT, slow);
        a.load(DOUBLE, R1, R0, 0).load(DOUBLE, R2, R9, Slot.SEEN).xor(R1, R2);
        a.load(DOUBLE, R2, R9, Slot.MASK).and(R1, R2).jumpIf(R1, NOT_EQUAL, 0, slow);
        a.call(KernelFunction.KTIME_GET_COARSE_NS)
                .load(DOUBLE, R1, R9, Slot.UNTIL)
                .jumpIf(R0, ABOVE, R1, slow);
        a.place(isFree);
    }

    /** The last change is not younger than the decision. */
    private void since() {
        look(tables.epochs, Stack.ARGUMENT, slow);
        a.load(DOUBLE, R1, R0, 0).load(DOUBLE, R2, R9, Slot.SINCE).jumpIf(R2, BELOW, R1, slow);
    }

    private void mayGoFast() {
        a.load(DOUBLE, R1, R10, Stack.WALKS).jumpIf(R1, NOT_EQUAL, 0, slow);
        a.load(DOUBLE, R1, R10, Stack.LONGEST).load(WORD, R2, R9, Slot.LIMIT).jumpIf(R1, ABOVE, R2, slow);
    }

    private void settled(Label waits) {
        a.move(R7, Outcome.UNSETTLED.index());
        look(tables.orders.map, Stack.ORDER, next);
        a.load(DOUBLE, R1, R0, Orders.OUT).move(R2, R1);
        after(R0, R2);
        a.load(DOUBLE, R3, R0, Orders.IN).jumpIf(R1, NOT_EQUAL, R3, waits);
    }

    /**
     * Drops a packet until the gateway's time, see {@link KernelFlows#shedUntil}; then it walks. A superframe of TCP
     * walks at any time: the gateway has less work with its packets, and TCP would lose them all. Loses R8.
     */
    void shed() {
        Label mayBeDropped = a.label("mayBeDropped");
        a.place(unsettled).load(WORD, R8, R6, SkBuff.GSO_SIZE).jumpIf(R8, EQUAL, 0, mayBeDropped);
        a.load(BYTE, R8, R10, Stack.KEY + KernelKey.PROTOCOL).jumpIf(R8, EQUAL, IpProtocol.TCP, slow);
        a.place(mayBeDropped);
        a.store(WORD, R10, Stack.ARGUMENT, 0);
        look(tables.shedding, Stack.ARGUMENT, slow);
        a.load(DOUBLE, R8, R0, 0).jumpIf(R8, EQUAL, 0, slow);
        a.call(KernelFunction.KTIME_GET_COARSE_NS).jumpIf(R0, ABOVE, R8, slow);
        end(Outcome.SHED, Verdict.DROP);
    }

    /** Counts the packet as one of its flow that went fast: behind the last step that the kernel may refuse. */
    void tally() {
        a.load(DOUBLE, R1, R10, Stack.SEGMENTS).addAtomically(DOUBLE, R9, Slot.PACKETS, R1);
        a.load(DOUBLE, R1, R10, Stack.BYTES).addAtomically(DOUBLE, R9, Slot.BYTES, R1);
        a.call(KernelFunction.KTIME_GET_COARSE_NS).store(DOUBLE, R9, Slot.USED, R0);
    }

    /** The ends that leave the packet to the gateway. */
    void ends() {
        a.place(slow);
        look(tables.orders.map, Stack.ORDER, next);
        a.load(DOUBLE, R1, R10, Stack.AMOUNT).addAtomically(DOUBLE, R0, Orders.IN, R1);
        a.store(WORD, R10, Stack.ARGUMENT, R7);
        count(next);
        a.place(next).exit(Verdict.NEXT);
    }

    /** Goes on at {@code slow}, with an outcome: of packets that have an order counter. */
    void walk(Outcome outcome) {
        a.move(R7, outcome.index()).jump(slow);
    }

    /** The end of a program that leaves nothing to the gateway: all that does not go fast comes here. */
    void place(Label other) {
        a.place(slow).place(other);
    }

    /** Counts an outcome, and ends the program. */
    void end(Outcome outcome, int verdict) {
        Label end = a.label(outcome.name());
        a.store(WORD, R10, Stack.ARGUMENT, outcome.index());
        count(end);
        a.place(end).exit(verdict);
    }

    private void count(Label missing) {
        look(tables.outcomes, Stack.ARGUMENT, missing);
        a.load(DOUBLE, R1, R10, Stack.SEGMENTS).addAtomically(DOUBLE, R0, 0, R1);
    }

    /** R0 = the value in a table of the key at an offset of the stack, or {@code missing}. */
    void look(BpfMap table, int key, Label missing) {
        a.move(R1, table).move(R2, R10).add(R2, key).call(KernelFunction.MAP_LOOKUP_ELEM);
        a.jumpIf(R0, EQUAL, 0, missing);
    }
}
