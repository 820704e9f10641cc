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
import static dev.peregrine.dataplane.bpf.Register.R9;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.BpfMap;
import dev.peregrine.dataplane.bpf.KernelFunction;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.bpf.Verdict;

/**
 * The part of a program that looks up the flow whose key is on the {@link Stack}, and decides whether the packet goes
 * fast.
 *
 * <pre>
 *   key ─► slot ─► epochs ─► state ─► length ─► settled ────────────────────► go on, R9 = slot
 *            │        │        │        │          │ no   ▲ in = out
 *          unknown  out of   out of   walks     unsettled ┘
 *          flow     date     date       │          │
 *            └────────┴────────┴────────┴──────────┴──► slow: in += packets, the next program has it
 * </pre>
 *
 * <p>Order: packets that are left to the gateway are counted in, and the gateway counts them out when they have left it.
 * As long as the counts of a flow's order counter differ, one of its packets may still be in a queue, so a later one
 * must not go fast. A packet of a settled flow that walks unsettles it. Both counts run from the start, before a flow is
 * known here: counts that began with the slot would miss the packets that were under way then. The gateway's count is
 * read first: then an equal count of the program's means that nothing was under way between the two reads.
 *
 * <p>Wants R6 = context; loses R0 to R5 and R7.
 */
final class FlowMatch {
    /** Of the hash that chooses an order counter: odd, from the golden ratio; the sign is extended from 32 bits. */
    static final int FACTOR = 0x9e37_79b1;

    /** Above the number of the order counter in the mark of a packet that a program has counted in. */
    static final int MARK = 0x5047 << KernelTables.ORDER_BITS;

    static final int MARK_MASK = -1 << KernelTables.ORDER_BITS;

    private final Assembler a;
    private final KernelTables tables;
    private final Label slow;
    private final Label next;

    private boolean marks;

    /** Packets that are left to the gateway get a mark with their order counter, by which a socket tells that they count. */
    void mark() {
        marks = true;
    }

    /** Goes on behind itself, or ends the program with {@link #ends}. */
    FlowMatch(Assembler assembler, KernelTables tables, Label next) {
        a = assembler;
        this.tables = tables;
        this.next = next;
        slow = a.label("slow");
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
        a.move(R7, Outcome.UNKNOWN_FLOW.index());
        look(tables.flows, Stack.KEY, slow);
        a.load(WORD, R1, R0, 0).store(WORD, R10, Stack.ARGUMENT, R1);
        look(tables.slots, Stack.ARGUMENT, slow);
        a.move(R9, R0);
        a.load(DOUBLE, R1, R9, Slot.ALIVE).jumpIf(R1, EQUAL, 0, slow);
        inForce();
        a.move(R7, Outcome.WALKS.index());
        mayGoFast();
        settled();
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
        a.load(DOUBLE, R1, R0, 0).load(DOUBLE, R2, R9, Slot.SEEN).jumpIf(R1, NOT_EQUAL, R2, slow);
        a.place(isFree);
    }

    /** The last change is not younger than the decision. */
    private void since() {
        look(tables.epochs, Stack.ARGUMENT, slow);
        a.load(DOUBLE, R1, R0, 0).load(DOUBLE, R2, R9, Slot.SINCE).jumpIf(R2, BELOW, R1, slow);
    }

    private void mayGoFast() {
        Label walks = a.label("walks");
        Label fits = a.label("fits");
        a.load(DOUBLE, R1, R10, Stack.WALKS).jumpIf(R1, NOT_EQUAL, 0, walks);
        a.load(DOUBLE, R1, R10, Stack.LONGEST).load(WORD, R2, R9, Slot.LIMIT).jumpIf(R1, ABOVE, R2, walks);
        a.jump(fits);
        a.place(walks).store(DOUBLE, R9, Slot.SETTLED, 0).jump(slow);
        a.place(fits);
    }

    private void settled() {
        Label isSettled = a.label("isSettled");
        a.load(DOUBLE, R1, R9, Slot.SETTLED).jumpIf(R1, NOT_EQUAL, 0, isSettled);
        a.move(R7, Outcome.UNSETTLED.index());
        order();
        look(tables.orders, Stack.ARGUMENT, next);
        a.load(DOUBLE, R1, R0, KernelTables.ORDER_OUT);
        // The address of the second load depends on the first one, so no CPU loads it earlier.
        a.move(R2, R1).and(R2, 0).add(R0, R2).load(DOUBLE, R3, R0, KernelTables.ORDER_IN);
        a.jumpIf(R1, NOT_EQUAL, R3, slow).store(DOUBLE, R9, Slot.SETTLED, 1);
        a.place(isSettled);
    }

    /** Counts the packet as one of its flow that went fast. */
    void tally() {
        a.load(DOUBLE, R1, R10, Stack.SEGMENTS).addAtomically(DOUBLE, R9, Slot.PACKETS, R1);
        a.load(DOUBLE, R1, R10, Stack.BYTES).addAtomically(DOUBLE, R9, Slot.BYTES, R1);
        a.call(KernelFunction.KTIME_GET_COARSE_NS).store(DOUBLE, R9, Slot.USED, R0);
    }

    /** The ends that leave the packet to the gateway. */
    void ends() {
        a.place(slow);
        order();
        if (marks) {
            a.load(WORD, R1, R10, Stack.ARGUMENT).or(R1, MARK).store(WORD, R6, SkBuff.MARK, R1);
        }
        look(tables.orders, Stack.ARGUMENT, next);
        a.load(DOUBLE, R1, R10, Stack.SEGMENTS).addAtomically(DOUBLE, R0, KernelTables.ORDER_IN, R1);
        a.store(WORD, R10, Stack.ARGUMENT, R7);
        count(next);
        a.place(next).exit(Verdict.NEXT);
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

    /** ARGUMENT = the flow's order counter; as {@link KernelTables#order}. */
    private void order() {
        a.load(DOUBLE, R1, R10, Stack.KEY + KernelKey.TUNNEL);
        for (int at = KernelKey.ADDRESSES; at < KernelKey.SIZE; at += Long.BYTES) {
            a.multiply(R1, FACTOR).load(DOUBLE, R2, R10, Stack.KEY + at).xor(R1, R2);
        }
        a.multiply(R1, FACTOR)
                .load(WORD, R2, R10, Stack.KEY + KernelKey.ENDS)
                .xor(R1, R2)
                .multiply(R1, FACTOR);
        a.shiftRight(R1, Long.SIZE - KernelTables.ORDER_BITS).store(WORD, R10, Stack.ARGUMENT, R1);
    }

    /** R0 = the value in a table of the key at an offset of the stack, or {@code missing}. */
    void look(BpfMap table, int key, Label missing) {
        a.move(R1, table).move(R2, R10).add(R2, key).call(KernelFunction.MAP_LOOKUP_ELEM);
        a.jumpIf(R0, EQUAL, 0, missing);
    }
}
