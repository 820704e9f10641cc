package dev.peregrine.testkit.live;

import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.KernelEcho;
import dev.peregrine.dataplane.testing.live.LabError;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** ICMP echo by {@code ping}, not fragmented unless asked for. */
public final class Ping {
    private static final Pattern SUMMARY = Pattern.compile("(\\d+) packets transmitted, (\\d+) received");
    private static final Pattern ANSWER = Pattern.compile("icmp_seq=(\\d+)");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Bytes that IPv4 and ICMP headers take of the MTU. */
    private static final int HEADERS = 28;

    private static final int HEADERS6 = 48;

    private Ping() {}

    /** Every one of {@code count} pings, 500 a second, with that much payload, is answered once and in order. */
    public static void loses0(Namespace from, String to, int count, int payload) {
        loses0(from, to, count, payload, "do");
    }

    /** As {@link #loses0}, with payloads that may be longer than the MTU: the containers fragment. */
    public static void fragmentedLoses0(Namespace from, String to, int count, int payload) {
        loses0(from, to, count, payload, "dont");
    }

    /**
     * With a deadline, {@code ping} goes on until it has as many answers as were asked for, and may have sent and
     * received more by then. Without one it gives the last answers no more than twice the longest time so far, which a
     * busy machine can exceed.
     */
    private static void loses0(Namespace from, String to, int count, int payload, String dontFragment) {
        Duration limit = PATIENCE.plusMillis(20L * count);
        List<String> words = List.of("-c", "" + count, "-w", "" + limit.toSeconds());
        Command.Result result = run(from, to, limit.plus(PATIENCE), "0.002", words, payload, dontFragment);
        List<Integer> answers = ANSWER.matcher(result.output())
                .results()
                .map(answer -> Integer.valueOf(answer.group(1)))
                .limit(count)
                .toList();
        if (answers.size() < count && !to.contains(":")) {
            KernelEcho.assumeNoneWithheld(from.siblings());
            KernelEcho.assumeAnswered();
        }
        if (!answers.equals(IntStream.rangeClosed(1, count).boxed().toList())) {
            throw new LabError("%d pings were answered %s".formatted(count, answers), result.toString());
        }
    }

    /** The first of at most {@code count} pings that is answered will do. */
    public static boolean answers(Namespace from, String to) {
        return received(run(from, to, 1, 56)) > 0;
    }

    /** The answers that {@code ping} counted. */
    public static int received(Command.Result result) {
        Matcher summary = SUMMARY.matcher(result.output());
        return summary.find() ? Integer.parseInt(summary.group(2)) : 0;
    }

    /** Payload of a ping that fills the MTU. */
    public static int largest(int mtu, String to) {
        return mtu - (to.contains(":") ? HEADERS6 : HEADERS);
    }

    /**
     * How many of the first {@code count} pings were answered, by what {@code ping} printed of each answer. It waits
     * for the last one only with a deadline ({@code -w}), and may send more than {@code count} then.
     */
    public static int answered(String output, int count) {
        return (int) ANSWER.matcher(output)
                .results()
                .mapToInt(answer -> Integer.parseInt(answer.group(1)))
                .filter(number -> number <= count)
                .distinct()
                .count();
    }

    /** Pings, 100 a second, whatever is answered. */
    public static Command.Result run(Namespace from, String to, int count, int payload) {
        Duration limit = PATIENCE.plusMillis(20L * count);
        return run(from, to, limit, "0.01", List.of("-q", "-c", "" + count, "-W", "1"), payload, "do");
    }

    private static Command.Result run(
            Namespace from,
            String to,
            Duration limit,
            String interval,
            List<String> words,
            int payload,
            String dontFragment) {
        assumeKernelAnswers(to);
        List<String> line =
                new ArrayList<>(List.of("ping", "-n", "-i", interval, "-M", dontFragment, "-s", "" + payload));
        line.addAll(words);
        line.add(to);
        return Command.run(limit, from.words(line));
    }

    private static void assumeKernelAnswers(String to) {
        if (!to.contains(":")) KernelEcho.assumeAnswered();
    }
}
