package dev.peregrine.testkit.laws;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.Hits;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.policy.TokenBucket;
import dev.peregrine.dataplane.policy.antispoof.SourceGuard;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.policy.match.Range;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Policy of all kinds at some ports and segments of a world, which changes now and then. */
final class RandomPolicy {
    private static final int SEGMENTS = 3;

    private RandomPolicy() {}

    /** Now and then gives every gateway other rules, or moves its clock by a part of a second. */
    static void publish(World world) {
        Gen gen = world.gen;
        for (MemoryGateway gateway : world.gateways) {
            gateway.advance(gen.below(400_000_000));
            if (gateway.policy().snapshot() == PolicySnapshot.EMPTY || gen.oneIn(15)) {
                gateway.policy().publish(snapshot(gen, gateway.ports(), gateway.nowNanos()));
            }
        }
    }

    private static PolicySnapshot snapshot(Gen gen, int ports, long nowNanos) {
        PolicySnapshot snapshot = PolicySnapshot.EMPTY;
        for (int port = 0; port < ports; port++) {
            snapshot = snapshot.withPort(port, gen.oneIn(2) ? scope(gen, true, nowNanos) : null);
        }
        for (int segment = 0; segment < SEGMENTS; segment++) {
            snapshot = snapshot.withSegment(segment, gen.oneIn(2) ? scope(gen, false, nowNanos) : null);
        }
        return snapshot;
    }

    private static ScopePolicy scope(Gen gen, boolean ofPort, long nowNanos) {
        SourceGuard guard =
                ofPort && gen.oneIn(3) ? SourceGuard.builder().ipv4(10 << 24, 8).build() : null;
        return new ScopePolicy(
                gen.oneIn(3) ? null : rules(gen, nowNanos),
                gen.oneIn(3) ? null : rules(gen, nowNanos),
                guard,
                null,
                gen.oneIn(10) ? TokenBucket.of(1000, 0, TokenBucket.DEFAULT_BURST, nowNanos) : null,
                gen.oneIn(10) ? TokenBucket.of(0, 1_000_000, TokenBucket.DEFAULT_BURST, nowNanos) : null,
                gen.oneIn(2) ? new Hits(1) : null);
    }

    private static RuleList rules(Gen gen, long nowNanos) {
        List<Rule> rules = new ArrayList<>();
        for (int i = gen.below(4); i >= 0; i--) {
            Action action = gen.oneIn(3) ? Action.DENY : gen.oneIn(6) ? Action.LIMIT : Action.ALLOW;
            rules.add(new Rule(
                    "rule" + i,
                    action,
                    match(gen),
                    action == Action.LIMIT ? 5000 : 0,
                    0,
                    TokenBucket.DEFAULT_BURST,
                    gen.oneIn(8) ? 10 : 0));
        }
        return RuleList.of(rules, !gen.oneIn(3), 1, null, nowNanos);
    }

    private static Match match(Gen gen) {
        List<Range> ports = gen.oneIn(2) ? List.of() : List.of(new Range(gen.below(6000), 6000 + gen.below(50_000)));
        int flags = gen.oneIn(6) ? 1 << gen.below(8) : 0;
        int protocol = flags != 0 ? IpProtocol.TCP : (int) gen.oneOf(IpProtocol.TCP, IpProtocol.UDP);
        return new Match(
                protocol,
                null,
                null,
                Match.ANY,
                Match.ANY,
                List.of(),
                ports,
                null,
                null,
                flags,
                gen.oneIn(2) ? flags : 0);
    }

    /** The counts of all rules. */
    static List<String> counts(MemoryGateway gateway) {
        List<String> counts = new ArrayList<>();
        PolicySnapshot now = gateway.policy().snapshot();
        for (int port = 0; port < gateway.ports(); port++) {
            add(counts, "rules of port " + port, now.port(port));
        }
        for (int segment = 0; segment < SEGMENTS; segment++) {
            add(counts, "rules of segment " + segment, now.segment(segment));
        }
        counts.add("states " + gateway.policy().states().opened() + " "
                + gateway.policy().states().refused());
        return counts;
    }

    private static void add(List<String> counts, String where, @Nullable ScopePolicy policy) {
        if (policy == null) {
            return;
        }
        Hits replies = policy.replies();
        counts.add(where + " replies " + (replies == null ? "" : replies.packets() + " " + replies.bytes()));
        add(counts, where + " in ", policy.in());
        add(counts, where + " out ", policy.out());
    }

    private static void add(List<String> counts, String where, @Nullable RuleList rules) {
        if (rules == null) {
            return;
        }
        for (int i = 0; i < rules.size(); i++) {
            Hits hits = rules.entry(i).hits();
            counts.add(where + rules.entry(i).rule().name() + " " + hits.packets() + " " + hits.bytes());
        }
        counts.add(where + "default " + rules.defaultHits().packets());
    }
}
