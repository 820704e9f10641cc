package dev.peregrine.dataplane.policy.match;

import dev.peregrine.dataplane.header.IpProtocol;
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
    private final TupleFilter filter;
    private final TupleTable[] tables;
    private final int[] firsts;

    /** Matches that were removed, and left bits in the filter. */
    private final int gone;

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

    private TupleSpace(
            int family,
            Protocols protocols,
            Match[] matches,
            Map<Tuple, TupleTable> made,
            TupleFilter filter,
            int gone) {
        this.family = family;
        this.protocols = protocols;
        this.matches = matches;
        this.made = made;
        this.filter = filter;
        this.gone = gone;
        tables = new TupleTable[made.size()];
        firsts = new int[tables.length];
        for (TupleTable table : made.values()) {
            tables[table.number()] = table;
            firsts[table.number()] = table.first();
        }
    }

    /** Compiles those of {@code matches} that can hold for frames of an IP version and class of protocols. */
    static TupleSpace of(int family, Protocols protocols, Match[] matches) {
        Map<Tuple, TupleTable> made = new HashMap<>();
        TupleFilter filter = new TupleFilter(family, matches.length);
        TupleEntries entries = new TupleEntries(family);
        for (int i = 0; i < matches.length; i++) {
            int position = i;
            if (protocols.canHold(matches[i])) {
                entries.forEach(matches[i], tuple -> add(position, entries, tuple, made, filter));
            }
        }
        return new TupleSpace(family, protocols, matches, made, filter, 0);
    }

    /** This space with one more match, at the place {@code at} of {@code more}. */
    TupleSpace with(int at, Match[] more) {
        if (filter.isSmallFor(more.length)) {
            return of(family, protocols, more);
        }
        Map<Tuple, TupleTable> changed = copies();
        changed.values().forEach(table -> table.shift(at, 1));
        if (!protocols.canHold(more[at])) {
            return new TupleSpace(family, protocols, more, changed, filter, gone);
        }
        TupleFilter filtered = filter.copy();
        TupleEntries entries = new TupleEntries(family);
        entries.forEach(more[at], tuple -> add(at, entries, tuple, changed, filtered));
        return new TupleSpace(family, protocols, more, changed, filtered, gone);
    }

    /** This space without the match at the place {@code at}; {@code less} are those that remain. */
    TupleSpace without(int at, Match[] less) {
        if (gone > less.length) {
            return of(family, protocols, less);
        }
        Map<Tuple, TupleTable> changed = copies();
        boolean held = protocols.canHold(matches[at]);
        if (held) {
            TupleEntries entries = new TupleEntries(family);
            entries.forEach(matches[at], tuple -> remove(at, entries.example(), tuple, changed));
        }
        changed.values().forEach(table -> table.shift(at + 1, -1));
        return new TupleSpace(family, protocols, less, changed, filter, held ? gone + 1 : gone);
    }

    private Map<Tuple, TupleTable> copies() {
        Map<Tuple, TupleTable> copies = new HashMap<>();
        made.forEach((tuple, table) -> copies.put(tuple, table.copy()));
        return copies;
    }

    /** The place of the first match that holds for a frame of this space; {@link Matcher#NONE} when none does. */
    int find(FrameFields frame) {
        long hosts = frame.hosts();
        int best = Integer.MAX_VALUE;
        for (long left = filter.tables(frame); left != 0; left &= left - 1) {
            int table = Long.numberOfTrailingZeros(left);
            do {
                best = firsts[table] < best ? firstOf(tables[table], frame, hosts, best) : best;
                table++;
            } while (table > TupleFilter.SHARED_BIT && table < tables.length);
        }
        return best == Integer.MAX_VALUE ? Matcher.NONE : best;
    }

    private int firstOf(TupleTable table, FrameFields frame, long hosts, int before) {
        Screens screens = table.screens();
        int element = table.chain(table.hash(frame));
        while (element != TupleTable.END) {
            int position = table.position(element);
            if (position >= before) {
                return before;
            }
            if (screens.admits(element, hosts, frame.ends)
                    && ((frame.hasPorts && screens.suffices(element)) || matches[position].holds(frame))) {
                return position;
            }
            element = table.next(element);
        }
        return before;
    }

    private static void add(
            int position, TupleEntries entries, Tuple exact, Map<Tuple, TupleTable> made, TupleFilter filter) {
        FrameFields example = entries.example();
        Tuple tuple = exact.coarse();
        TupleTable table = table(tuple, made);
        long hash = table.hash(example);
        if (!tuple.equals(exact) && table.chainLength(hash, COARSE_CHAIN) == COARSE_CHAIN) {
            tuple = exact;
            table = table(tuple, made);
            hash = table.hash(example);
        }
        table.add(hash, position, example, exact, entries.alone());
        filter.add(table.number(), tuple, example);
    }

    private static TupleTable table(Tuple tuple, Map<Tuple, TupleTable> made) {
        return made.computeIfAbsent(tuple, missing -> new TupleTable(missing, made.size()));
    }

    /**
     * Looks in the table of exact prefixes first: in the coarse one another entry of the match may be mistaken for
     * this.
     */
    private static void remove(int position, FrameFields example, Tuple exact, Map<Tuple, TupleTable> made) {
        TupleTable table = made.get(exact);
        if (table == null || !table.remove(table.hash(example), position)) {
            table = made.get(exact.coarse());
            if (table != null) {
                table.remove(table.hash(example), position);
            }
        }
    }
}
