package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.header.IpProtocol;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/** The matches that can hold for frames of one IP version and one class of protocols, in tables by {@link Tuple}. */
final class TupleSpace {
    /** A longer chain than this in a coarse table gives later matches a table of their exact prefixes. */
    private static final int COARSE_CHAIN = 8;

    private final int family;
    private final Protocols protocols;
    private final Match[] matches;
    private final Map<Tuple, TupleTable> made;
    private final TupleTable[] tables;
    private final int[] firsts;

    /** The classes that frames of one IP version fall in. */
    enum Protocols {
        TCP,
        UDP,
        OTHER_IP,
        NOT_IP;

        boolean canHold(Match match) {
            return switch (this) {
                case TCP -> is(match, IpProtocol.TCP) && !match.needsIcmp();
                case UDP -> is(match, IpProtocol.UDP) && !match.needsIcmp() && match.tcpFlagsMask() == 0;
                case OTHER_IP ->
                    match.protocol() != IpProtocol.TCP
                            && match.protocol() != IpProtocol.UDP
                            && match.protocol() < Match.ARP
                            && !match.needsPorts();
                case NOT_IP ->
                    (match.protocol() == Match.ANY || match.protocol() >= Match.ARP)
                            && match.source() == null
                            && match.destination() == null
                            && !match.needsPorts()
                            && !match.needsIcmp();
            };
        }

        private static boolean is(Match match, int protocol) {
            return match.protocol() == Match.ANY || match.protocol() == protocol;
        }
    }

    private TupleSpace(int family, Protocols protocols, Match[] matches, Map<Tuple, TupleTable> made) {
        this.family = family;
        this.protocols = protocols;
        this.matches = matches;
        this.made = made;
        made.values().removeIf(table -> table.size() == 0);
        tables = made.values().toArray(TupleTable[]::new);
        Arrays.sort(tables, Comparator.comparingInt(TupleTable::first));
        firsts = Arrays.stream(tables).mapToInt(TupleTable::first).toArray();
    }

    /** Compiles what of {@code matches} can hold for frames of an IP version and class of protocols. */
    static TupleSpace of(int family, Protocols protocols, Match[] matches) {
        Map<Tuple, TupleTable> made = new HashMap<>();
        TupleEntries entries = new TupleEntries(family);
        for (int i = 0; i < matches.length; i++) {
            int position = i;
            if (protocols.canHold(matches[i])) {
                entries.forEach(matches[i], tuple -> add(position, entries.example(), tuple, made));
            }
        }
        return new TupleSpace(family, protocols, matches, made);
    }

    /** This space with one more match, at the place {@code at} of {@code more}. */
    TupleSpace with(int at, Match[] more) {
        Map<Tuple, TupleTable> changed = copies();
        changed.values().forEach(table -> table.shift(at, 1));
        if (protocols.canHold(more[at])) {
            TupleEntries entries = new TupleEntries(family);
            entries.forEach(more[at], tuple -> add(at, entries.example(), tuple, changed));
        }
        return new TupleSpace(family, protocols, more, changed);
    }

    /** This space without the match at the place {@code at}; {@code less} are those that remain. */
    TupleSpace without(int at, Match[] less) {
        Map<Tuple, TupleTable> changed = copies();
        if (protocols.canHold(matches[at])) {
            TupleEntries entries = new TupleEntries(family);
            entries.forEach(matches[at], tuple -> remove(at, entries.example(), tuple, changed));
        }
        changed.values().forEach(table -> table.shift(at + 1, -1));
        return new TupleSpace(family, protocols, less, changed);
    }

    private Map<Tuple, TupleTable> copies() {
        Map<Tuple, TupleTable> copies = new HashMap<>();
        made.forEach((tuple, table) -> copies.put(tuple, table.copy()));
        return copies;
    }

    /** The place of the first match that holds for a frame of this space; {@link Matcher#NONE} when none does. */
    int find(FrameFields frame) {
        int best = Integer.MAX_VALUE;
        for (int i = 0; i < firsts.length && firsts[i] < best; i++) {
            best = firstOf(tables[i], frame, best);
        }
        return best == Integer.MAX_VALUE ? Matcher.NONE : best;
    }

    private int firstOf(TupleTable table, FrameFields frame, int before) {
        int element = table.chain(table.hash(frame));
        while (element != TupleTable.END) {
            int position = table.position(element);
            if (position >= before) {
                return before;
            }
            if (matches[position].holds(frame)) {
                return position;
            }
            element = table.next(element);
        }
        return before;
    }

    private static void add(int position, FrameFields example, Tuple exact, Map<Tuple, TupleTable> made) {
        Tuple coarse = exact.coarse();
        TupleTable table = made.computeIfAbsent(coarse, TupleTable::new);
        long hash = table.hash(example);
        if (!coarse.equals(exact) && table.chainLength(hash, COARSE_CHAIN) == COARSE_CHAIN) {
            table = made.computeIfAbsent(exact, TupleTable::new);
            hash = table.hash(example);
        }
        table.add(hash, position);
    }

    private static void remove(int position, FrameFields example, Tuple exact, Map<Tuple, TupleTable> made) {
        TupleTable table = made.get(exact.coarse());
        if (table == null || !table.remove(table.hash(example), position)) {
            table = made.get(exact);
            if (table != null) {
                table.remove(table.hash(example), position);
            }
        }
    }
}
