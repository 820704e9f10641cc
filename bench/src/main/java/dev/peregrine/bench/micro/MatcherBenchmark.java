package dev.peregrine.bench.micro;

import dev.peregrine.bench.policy.RuleSets;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.match.FrameFields;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.policy.match.Matcher;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The cost of finding the first of many rules that a packet meets, and of changing one of them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MatcherBenchmark {
    private static final int FRAMES = 4096;

    /** Number of rules. */
    @Param({"100", "1000", "10000"})
    @SuppressWarnings("NullAway.Init") // JMH sets it
    public int rules;

    private final FrameFields[] frames = new FrameFields[FRAMES];
    private List<Match> matches = List.of();
    private Matcher matcher = Matcher.of(List.of());
    private Match another = Match.ALL;
    private int next;

    /** Makes the rules, and packets that are aimed at their hosts. */
    @Setup
    public void prepare() {
        List<Rule> list = RuleSets.of(rules, 1);
        matches = list.stream().map(Rule::match).toList();
        matcher = Matcher.of(matches);
        another = RuleSets.another("another", 1).match();
        List<AimedPacket> packets = AimedPacket.at(list, FRAMES, 2);
        for (int i = 0; i < FRAMES; i++) {
            AimedPacket packet = packets.get(i);
            frames[i] = new FrameFields()
                    .describe(packet.protocol(), packet.sourceBytes(), packet.destinationBytes(), 1, 2)
                    .describePorts(packet.sourcePort(), packet.destinationPort(), 0);
        }
    }

    /** One packet. */
    @Benchmark
    public int find() {
        next = (next + 1) & (FRAMES - 1);
        return matcher.find(frames[next]);
    }

    /** A rule is added in the middle. */
    @Benchmark
    public Matcher change() {
        return matcher.with(rules / 2, another);
    }

    /** All rules are replaced. */
    @Benchmark
    public Matcher compile() {
        return Matcher.of(matches);
    }
}
