package dev.peregrine.dataplane.policy.match;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.policy.match.RandomRules.Frame;
import dev.peregrine.dataplane.testing.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The matcher against rules that are tried one after the other. {@code -Dperegrine.policy.sets=N} takes more time. */
class MatcherModelTest {
    private static final int SETS = Integer.getInteger("peregrine.policy.sets", 3000);
    private static final int FRAMES = 8;

    private final Seed seed = Seed.ofThisRun();
    private final SplittableRandom random = seed.random();
    private final RandomRules rules = new RandomRules(random);
    private final Reader reader = new Reader();

    @AfterEach
    void close() {
        reader.close();
    }

    @Test
    void findsWhatTheFirstRuleThatHoldsIs() {
        for (int set = 0; set < SETS; set++) {
            check(rules.matches(random.nextInt(random.nextInt(20) == 0 ? 300 : 20)));
        }
    }

    @Test
    void tellsApartManyRulesThatShareTheirCoarseTuple() {
        for (int set = 0; set < 20; set++) {
            List<Match> like = rules.matches(40).stream()
                    .map(match -> new Match(
                            match.protocol(),
                            new AddressSet(List.of(Network.of(Reader.bytes("10.0.0.0"), 8 + random.nextInt(25)))),
                            null,
                            Match.ANY,
                            Match.ANY,
                            List.of(),
                            match.destinationPorts(),
                            null,
                            null,
                            0,
                            0))
                    .toList();
            check(like);
        }
    }

    @Test
    void findsTheSameAfterManySmallChanges() {
        for (int set = 0; set < SETS / 100; set++) {
            List<Match> matches = new ArrayList<>(rules.matches(random.nextInt(60)));
            Matcher matcher = Matcher.of(matches);
            for (int change = 0; change < 200; change++) {
                if (matches.isEmpty() || random.nextInt(matches.size() > 50 ? 3 : 2) == 0) {
                    int at = random.nextInt(matches.size() + 1);
                    matches.add(at, rules.match());
                    matcher = matcher.with(at, matches.get(at));
                } else {
                    int at = random.nextInt(matches.size());
                    matches.remove(at);
                    matcher = matcher.without(at);
                }
                check(matches, matcher);
            }
        }
    }

    @Test
    void findsAmongMoreTablesThanTheFilterHasBitsFor() {
        int chain = 2 * TupleFilter.SHARED_BIT;
        List<Match> matches = new ArrayList<>();
        for (int i = 0; i < 8 * chain; i++) {
            byte[] host = {10, 0, (byte) random.nextInt(2), (byte) random.nextInt(256)};
            matches.add(between(Network.of(host, 16 + random.nextInt(17)), Network.of(host, 16 + random.nextInt(17))));
        }
        Matcher matcher = Matcher.of(matches);
        for (int i = 0; i < 2000; i++) {
            byte[] source = {10, 0, (byte) random.nextInt(2), (byte) random.nextInt(256)};
            byte[] destination = {10, 0, source[2], (byte) random.nextInt(256)};
            FrameFields frame = new FrameFields().describe(IpProtocol.UDP, source, destination, 1, 2);
            int first = Matcher.NONE;
            for (int place = matches.size() - 1; place >= 0; place--) {
                first = matches.get(place).holds(frame) ? place : first;
            }
            assertEquals(first, matcher.find(frame), seed::toString);
        }
    }

    private static Match between(Network source, Network destination) {
        return new Match(
                Match.ANY,
                new AddressSet(List.of(source)),
                new AddressSet(List.of(destination)),
                Match.ANY,
                Match.ANY,
                List.of(),
                List.of(),
                null,
                null,
                0,
                0);
    }

    @Test
    void leavesTheMatcherThatAChangeWasMadeFromAsItWas() {
        List<Match> matches = rules.matches(50);
        Matcher matcher = Matcher.of(matches);
        for (int at = 0; at < 50; at++) {
            matcher.without(at);
            matcher.with(at, rules.match());
        }
        for (int i = 0; i < 100; i++) {
            check(matches, matcher);
        }
    }

    private void check(List<Match> matches) {
        check(matches, Matcher.of(matches));
    }

    private void check(List<Match> matches, Matcher matcher) {
        for (int i = 0; i < FRAMES; i++) {
            Frame frame = rules.frame();
            int found = matcher.find(reader.fields(frame.bytes()));
            assertEquals(RandomRules.first(matches, frame), found, () -> seed + ": " + frame + " in " + matches);
        }
    }
}
