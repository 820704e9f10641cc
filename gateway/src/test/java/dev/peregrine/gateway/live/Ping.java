package dev.peregrine.gateway.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.testing.KernelEcho;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ICMP echo by {@code ping}, not fragmented unless asked for. */
final class Ping {
    private static final Pattern SUMMARY = Pattern.compile("(\\d+) packets transmitted, (\\d+) received");

    /** Bytes that IPv4 and ICMP headers take of the MTU. */
    private static final int HEADERS = 28;

    private static final int HEADERS6 = 48;

    private Ping() {}

    /** Every one of {@code count} pings, 200 a second, with that much payload, is answered. */
    static void loses0(Namespace from, String to, int count, int payload) {
        loses0(count, run(from, to, count, payload));
    }

    /** As {@link #loses0}, with payloads that may be longer than the MTU: the containers fragment. */
    static void fragmentedLoses0(Namespace from, String to, int count, int payload) {
        loses0(count, run(from, to, count, payload, "dont"));
    }

    private static void loses0(int count, Command.Result result) {
        Matcher summary = SUMMARY.matcher(result.output());
        if (!summary.find()) throw new AssertionError(result);
        assertEquals(count, Integer.parseInt(summary.group(1)), result::toString);
        assertEquals(count, Integer.parseInt(summary.group(2)), result::toString);
    }

    /** The first of at most {@code count} pings that is answered will do. */
    static boolean answers(Namespace from, String to) {
        return received(run(from, to, 1, 56)) > 0;
    }

    static int received(Command.Result result) {
        Matcher summary = SUMMARY.matcher(result.output());
        return summary.find() ? Integer.parseInt(summary.group(2)) : 0;
    }

    /** Payload of a ping that fills the MTU. */
    static int largest(int mtu, String to) {
        return mtu - (to.contains(":") ? HEADERS6 : HEADERS);
    }

    static Command.Result run(Namespace from, String to, int count, int payload) {
        return run(from, to, count, payload, "do");
    }

    private static Command.Result run(Namespace from, String to, int count, int payload, String dontFragment) {
        if (!to.contains(":")) KernelEcho.assumeAnswered();
        Duration limit = Duration.ofMillis(10_000 + 20L * count);
        return Command.run(
                limit,
                from.words(List.of(
                        "ping",
                        "-n",
                        "-q",
                        "-c",
                        "" + count,
                        "-i",
                        "0.01",
                        "-W",
                        "1",
                        "-M",
                        dontFragment,
                        "-s",
                        "" + payload,
                        to)));
    }
}
