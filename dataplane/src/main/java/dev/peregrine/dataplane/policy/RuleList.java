package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.policy.match.FrameFields;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.policy.match.Matcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rules in order, of which the first that a frame meets decides, and a default for frames that meet none. An immutable
 * snapshot; the counters and buckets in it live on in the lists that are made from it.
 */
public final class RuleList {
    /** Packets that differ in these have no flow in common for a flow cache. */
    private static final int FLAGS_OF_FLOWS = TcpHeader.SYN | TcpHeader.ACK | TcpHeader.FIN | TcpHeader.RST;

    private final Entry[] entries;
    private final boolean allowsByDefault;
    private final Hits defaultHits;
    private final int workers;
    private final Matcher matcher;
    private final boolean looksBeyondFlows;
    private final boolean limits;
    private final boolean logs;

    /**
     * A rule with its counter and limit, which live as long as it does.
     *
     * @param limit shared by all workers; null for a rule that does not limit
     */
    public record Entry(Rule rule, Hits hits, @Nullable TokenBucket limit) {}

    private RuleList(Entry[] entries, boolean allowsByDefault, Hits defaultHits, int workers, Matcher matcher) {
        this.entries = entries;
        this.allowsByDefault = allowsByDefault;
        this.defaultHits = defaultHits;
        this.workers = workers;
        this.matcher = matcher;
        boolean beyond = false;
        boolean anyLimit = false;
        boolean anyLog = false;
        for (Entry entry : entries) {
            beyond |= (entry.rule.match().tcpFlagsMask() & ~FLAGS_OF_FLOWS) != 0;
            anyLimit |= entry.limit != null;
            anyLog |= entry.rule.logEvery() > 0;
        }
        looksBeyondFlows = beyond;
        limits = anyLimit;
        logs = anyLog;
    }

    /**
     * Compiles a list.
     *
     * @param allowsByDefault whether a frame that meets no rule passes
     * @param workers number of workers that will count in it
     * @param before the list that this one replaces: rules that stay the same keep their counts; null for none
     * @param nowNanos the present, by the clock of batches
     * @throws IllegalArgumentException when two rules have one name
     */
    public static RuleList of(
            List<Rule> rules, boolean allowsByDefault, int workers, @Nullable RuleList before, long nowNanos) {
        Map<Rule, Entry> known = new HashMap<>();
        if (before != null) {
            for (Entry entry : before.entries) {
                known.put(entry.rule, entry);
            }
        }
        Set<String> names = new HashSet<>();
        Entry[] entries = new Entry[rules.size()];
        for (int i = 0; i < entries.length; i++) {
            Rule rule = rules.get(i);
            if (!names.add(rule.name())) {
                throw new IllegalArgumentException("two rules are called " + rule.name());
            }
            Entry entry = known.get(rule);
            entries[i] = entry == null ? entry(rule, workers, nowNanos) : entry;
        }
        Hits defaultHits =
                before != null && before.allowsByDefault == allowsByDefault ? before.defaultHits : new Hits(workers);
        return new RuleList(entries, allowsByDefault, defaultHits, workers, matcher(entries));
    }

    private static Entry entry(Rule rule, int workers, long nowNanos) {
        TokenBucket limit = rule.action() == Action.LIMIT
                ? TokenBucket.of(rule.packetsPerSecond(), rule.bitsPerSecond(), rule.burst(), nowNanos)
                : null;
        return new Entry(rule, new Hits(workers), limit);
    }

    private static Matcher matcher(Entry[] entries) {
        List<Match> matches = new ArrayList<>(entries.length);
        for (Entry entry : entries) {
            matches.add(entry.rule.match());
        }
        return Matcher.of(matches);
    }

    /**
     * The list with one more rule.
     *
     * @param at its place, 0 to {@link #size}
     * @throws IllegalArgumentException when there is a rule of that name
     */
    public RuleList with(int at, Rule rule, long nowNanos) {
        if (indexOf(rule.name()) >= 0) {
            throw new IllegalArgumentException("two rules are called " + rule.name());
        }
        Entry[] more = new Entry[entries.length + 1];
        System.arraycopy(entries, 0, more, 0, at);
        more[at] = entry(rule, workers, nowNanos);
        System.arraycopy(entries, at, more, at + 1, entries.length - at);
        return new RuleList(more, allowsByDefault, defaultHits, workers, matcher.with(at, rule.match()));
    }

    /** The list without the rule at a place. */
    public RuleList without(int at) {
        Entry[] less = new Entry[entries.length - 1];
        System.arraycopy(entries, 0, less, 0, at);
        System.arraycopy(entries, at + 1, less, at, less.length - at);
        return new RuleList(less, allowsByDefault, defaultHits, workers, matcher.without(at));
    }

    /** Number of rules. */
    public int size() {
        return entries.length;
    }

    /** The rule at a place, from 0. */
    public Entry entry(int at) {
        return entries[at];
    }

    /** The place of the rule with a name; negative when there is none. */
    public int indexOf(String name) {
        for (int i = 0; i < entries.length; i++) {
            if (entries[i].rule.name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** Whether a frame that meets no rule passes. */
    public boolean allowsByDefault() {
        return allowsByDefault;
    }

    /**
     * Whether some rule looks at fields that differ between packets of one flow: TCP flags other than those that open
     * and close it.
     */
    boolean looksBeyondFlows() {
        return looksBeyondFlows;
    }

    /** Whether some rule limits: such a rule applies to established flows as well. */
    boolean limits() {
        return limits;
    }

    /** Whether some rule logs frames that meet it. */
    boolean logs() {
        return logs;
    }

    /** The packets that met no rule. */
    public Hits defaultHits() {
        return defaultHits;
    }

    /** The place of the first rule that a frame meets; {@link Matcher#NONE} when it meets none. */
    public int find(FrameFields frame) {
        return matcher.find(frame);
    }
}
