package dev.peregrine.bench.policy;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.match.AddressSet;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.policy.match.Network;
import dev.peregrine.dataplane.policy.match.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Lists of rules of any length and of one mixture, as firewalls have them: hosts and networks of three sizes, a
 * service's port or a range of them, TCP more often than UDP. Behind them all stands the rule that lets the traffic of
 * {@link dev.peregrine.bench.chain.Traffic} pass, so that every packet has to get past all others.
 */
public final class RuleSets {
    private static final int[] LENGTHS = {32, 32, 32, 24, 24, 16};
    private static final int[] SERVICES = {22, 53, 80, 443, 3306, 5432, 6379, 8080, 9092, 9200};
    private static final int TRAFFIC_PORT = 5000;

    private RuleSets() {}

    /** A list of {@code count} rules, the same for the same seed. */
    public static List<Rule> of(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < count - 1; i++) {
            Action action = random.nextInt(3) == 0 ? Action.ALLOW : Action.DENY;
            rules.add(Rule.of("rule" + i, action, match(random)));
        }
        rules.add(Rule.of("traffic", Action.ALLOW, udpTo(TRAFFIC_PORT)));
        return rules;
    }

    /** A rule that the traffic does not meet. */
    public static Rule another(String name, int number) {
        return Rule.of(name, Action.DENY, udpTo(10_000 + number % 10_000));
    }

    private static Match match(SplittableRandom random) {
        int protocol = random.nextInt(4) == 0 ? IpProtocol.UDP : IpProtocol.TCP;
        int service = SERVICES[random.nextInt(SERVICES.length)];
        Range port = random.nextInt(5) == 0 ? new Range(20_000 + service, 20_100 + service) : Range.of(service);
        AddressSet source = random.nextInt(3) == 0 ? null : network(random);
        AddressSet destination = source != null && random.nextInt(4) == 0 ? null : network(random);
        return match(protocol, source, destination, random.nextInt(10) == 0 ? List.of() : List.of(port));
    }

    private static Match udpTo(int port) {
        return match(IpProtocol.UDP, null, null, List.of(Range.of(port)));
    }

    private static Match match(
            int protocol, @Nullable AddressSet source, @Nullable AddressSet destination, List<Range> ports) {
        return new Match(protocol, source, destination, Match.ANY, Match.ANY, List.of(), ports, null, null, 0, 0);
    }

    /** A network within 10.0.0.0/8, where none of the traffic is. */
    private static AddressSet network(SplittableRandom random) {
        byte[] address = {10, (byte) random.nextInt(8), (byte) random.nextInt(256), (byte) random.nextInt(256)};
        return new AddressSet(List.of(Network.of(address, LENGTHS[random.nextInt(LENGTHS.length)])));
    }
}
