package dev.peregrine.gateway.live.plane;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.time.Duration;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A host that pings another one 100 times a second until it is closed. */
final class Pinging implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern ANSWER = Pattern.compile("^\\[([0-9.]+)\\] .* icmp_seq=(\\d+) .* time=([0-9.]+) ms");

    /** Answers that have to come behind a moment before it is known which of the earlier ones are missing. */
    private static final int BEHIND = 30;

    private final BackgroundProcess ping;

    private Pinging(BackgroundProcess ping) {
        this.ping = ping;
    }

    /** Begins, and returns when the first ping was answered. */
    static Pinging start(Namespace from, String to) {
        Pinging started = new Pinging(BackgroundProcess.start(from.words("ping", "-n", "-D", "-i", "0.01", to)));
        try {
            started.ping.awaitLine(
                    PATIENCE, "first answer", line -> ANSWER.matcher(line).find());
            return started;
        } catch (AssertionError e) {
            started.close();
            throw e;
        }
    }

    /** The pings that were answered, by number, and the longest time between two answers. */
    private record Answers(BitSet numbers, double longestSeconds) {
        int last() {
            return numbers.length() - 1;
        }
    }

    private Answers answers() {
        BitSet numbers = new BitSet();
        double before = Double.POSITIVE_INFINITY;
        double longest = 0;
        for (String line : ping.lines()) {
            Matcher answer = ANSWER.matcher(line);
            if (!answer.find()) continue;
            numbers.set(Integer.parseInt(answer.group(2)));
            double at = Double.parseDouble(answer.group(1));
            longest = Math.max(longest, at - before);
            before = at;
        }
        return new Answers(numbers, longest);
    }

    private Answers settled() {
        int last = answers().last();
        Await.until(PATIENCE, "further answers", () -> answers().last() >= last + BEHIND, this::toString);
        return answers();
    }

    /** How many pings got no answer, from the first that got one. */
    int lost() {
        BitSet numbers = settled().numbers;
        return numbers.length() - numbers.nextSetBit(0) - numbers.cardinality();
    }

    /**
     * The round trip in milliseconds that 99 % of the answers had at most, but for the first {@code skipped}.
     *
     * @param skipped answers from the start
     */
    double p99(int skipped) {
        double[] trips = ping.lines().stream()
                .map(ANSWER::matcher)
                .filter(Matcher::find)
                .skip(skipped)
                .mapToDouble(answer -> Double.parseDouble(answer.group(3)))
                .sorted()
                .toArray();
        return trips.length == 0 ? Double.NaN : trips[(int) (0.99 * trips.length)];
    }

    /** Answers so far. */
    int answered() {
        return answers().numbers.cardinality();
    }

    /** The longest time without an answer. */
    double longestGapSeconds() {
        return settled().longestSeconds;
    }

    @Override
    public void close() {
        ping.close();
    }

    @Override
    public String toString() {
        Answers answers = answers();
        return answers.numbers + ", longest pause " + answers.longestSeconds + " s";
    }
}
