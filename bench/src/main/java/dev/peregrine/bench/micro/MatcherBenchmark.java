package dev.peregrine.bench.micro;

import dev.peregrine.bench.policy.RuleSets;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.policy.FrameFields;
import dev.peregrine.dataplane.policy.Match;
import dev.peregrine.dataplane.policy.Matcher;
import dev.peregrine.dataplane.policy.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
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

/** What it costs to find the first of many rules that a packet meets, and to change one of them. */
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

    /** Makes the rules, and packets that half the time meet an early one and else the last. */
    @Setup
    public void prepare() {
        matches = RuleSets.of(rules, 1).stream().map(Rule::match).toList();
        matcher = Matcher.of(matches);
        another = RuleSets.another("another", 1).match();
        SplittableRandom random = new SplittableRandom(2);
        List<byte[]> hosts = hosts();
        for (int i = 0; i < FRAMES; i++) {
            boolean udp = random.nextInt(3) == 0;
            byte[] source = random.nextBoolean() ? hosts.get(random.nextInt(hosts.size())) : host(random);
            byte[] destination = random.nextBoolean() ? hosts.get(random.nextInt(hosts.size())) : host(random);
            int port = random.nextBoolean() ? 5000 : random.nextInt(10_000);
            frames[i] = new FrameFields()
                    .describe(udp ? IpProtocol.UDP : IpProtocol.TCP, source, destination, 1, 2)
                    .describePorts(40_000 + random.nextInt(10_000), port, 0);
        }
    }

    private List<byte[]> hosts() {
        List<byte[]> hosts = new ArrayList<>(List.of(new byte[] {10, 0, 0, 1}));
        for (Match match : matches) {
            if (match.destination() != null) {
                long high = match.destination().networks().getFirst().high();
                hosts.add(new byte[] {
                    (byte) (high >>> 56), (byte) (high >>> 48), (byte) (high >>> 40), (byte) (high >>> 32)
                });
            }
        }
        return hosts;
    }

    private static byte[] host(SplittableRandom random) {
        return new byte[] {10, (byte) random.nextInt(8), (byte) random.nextInt(256), (byte) random.nextInt(256)};
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
