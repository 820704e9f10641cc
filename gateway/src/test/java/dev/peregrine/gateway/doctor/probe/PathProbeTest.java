package dev.peregrine.gateway.doctor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Paths that lose packets and delay answers, by a clock of the test. */
class PathProbeTest {
    private static final int MTU = 1500;
    private static final InetAddress HOST = InetAddress.ofLiteral("198.18.0.9");

    private long nowMillis;

    private record Answer(long atMillis, int sequence) {}

    /** A path of a width; answers come after {@code delay}, or never where it is negative. */
    private final class FakePath implements PathSearch.Line {
        private final int width;
        private final Delay delay;
        private final PriorityQueue<Answer> answers =
                new PriorityQueue<>((a, b) -> Long.compare(a.atMillis, b.atMillis));
        private int sent;

        FakePath(int width, Delay delay) {
            this.width = width;
            this.delay = delay;
        }

        @Override
        public void send(int bytes, int sequence) {
            sent++;
            long after = delay.of(bytes, sequence);
            if (bytes <= width && after >= 0) answers.add(new Answer(nowMillis + after, sequence));
        }

        @Override
        public int receive(int milliseconds) {
            Answer next = answers.peek();
            if (next == null || next.atMillis > nowMillis + milliseconds) {
                nowMillis += milliseconds;
                return -1;
            }
            answers.remove();
            nowMillis = Math.max(nowMillis, next.atMillis);
            return next.sequence;
        }

        @Override
        public void close() {}
    }

    private interface Delay {
        long of(int bytes, int sequence);
    }

    private PathProbe.Path probe(FakePath path) throws LinuxException {
        long begin = nowMillis;
        PathProbe.Path found = Objects.requireNonNull(new PathProbe(_ -> path, () -> nowMillis * 1_000_000)
                .ask(Map.of(HOST, MTU))
                .get(HOST));
        assertTrue(nowMillis - begin <= 5000, "took " + (nowMillis - begin) + " ms");
        assertTrue(path.sent <= 400, path.sent + " packets");
        return found;
    }

    @Test
    void aPathThatIsWideTakesOneRound() throws LinuxException {
        FakePath path = new FakePath(MTU, (_, _) -> 1);
        assertEquals(new PathProbe.Path(MTU, MTU, true), probe(path));
        assertEquals(2, path.sent);
    }

    @Test
    void everyWidthIsFoundSoon() throws LinuxException {
        for (int width = 100; width < MTU; width++) {
            long begin = nowMillis;
            assertEquals(new PathProbe.Path(width, MTU, true), probe(new FakePath(width, (_, _) -> 1)));
            assertTrue(nowMillis - begin < 1500, width + " bytes took " + (nowMillis - begin) + " ms");
        }
    }

    @Test
    void answersThatAreLateAreNoLosses() throws LinuxException {
        // a machine so busy that each answer takes longer than a round waits, more so those to large packets
        PathProbe.Path found = probe(new FakePath(MTU, (bytes, _) -> 600 + bytes / 10));
        assertEquals(new PathProbe.Path(MTU, MTU, true), found);
        // and one where only the small packets are answered in time, at first
        found = probe(new FakePath(MTU, (bytes, _) -> bytes <= 290 ? 1 : 900));
        assertEquals(MTU, found.largest(), "the answers came before the end");
    }

    @Test
    void aSizeThatIsLostOnceIsTriedAgain() throws LinuxException {
        for (int lost = 0; lost < 20; lost++) {
            int which = lost;
            assertEquals(
                    MTU,
                    probe(new FakePath(MTU, (_, sequence) -> sequence == which ? -1 : 1))
                            .largest());
            assertEquals(
                    new PathProbe.Path(1400, MTU, true),
                    probe(new FakePath(1400, (_, sequence) -> sequence == which ? -1 : 1)));
        }
    }

    @Test
    void aPathIsNeverSaidToBeNarrowerThanItIsForWantOfLuck() throws LinuxException {
        int wrong = 0;
        int sure = 0;
        for (long seed = 1; seed <= 1000; seed++) {
            Random random = new Random(seed);
            int width = 100 + random.nextInt(MTU - 99);
            PathProbe.Path found =
                    probe(new FakePath(width, (_, _) -> random.nextInt(10) == 0 ? -1 : random.nextInt(40)));
            assertTrue(found.largest() <= width, "seed " + seed);
            if (found.isSure()) sure++;
            if (found.isSure() && found.largest() < width) wrong++;
        }
        // one in ten is lost: three times in a row one in a thousand
        assertTrue(wrong <= 5, wrong + " of 1,000 were wrong");
        assertTrue(sure >= 950, "only " + sure + " of 1,000 were found");
    }

    @Test
    void aSilentHostHidesNoOther() throws LinuxException {
        InetAddress other = InetAddress.ofLiteral("198.18.0.10");
        for (InetAddress silent : List.of(HOST, other)) { // one of them is asked first
            PathProbe probe = new PathProbe(
                    host -> new FakePath(host.equals(silent) ? 0 : 1400, (_, _) -> 1), () -> nowMillis * 1_000_000);
            Map<InetAddress, PathProbe.Path> found = probe.ask(Map.of(HOST, MTU, other, MTU));
            assertEquals(new PathProbe.Path(1400, MTU, true), found.get(silent.equals(HOST) ? other : HOST));
        }
    }

    @Test
    void aHostThatAnswersNothingIsSilentAndOneThatCeasesToIsUnsure() throws LinuxException {
        assertFalse(probe(new FakePath(0, (_, _) -> 1)).answers());
        PathProbe.Path found = probe(new FakePath(MTU, (bytes, _) -> bytes <= 100 ? 1 : -1));
        assertEquals(new PathProbe.Path(100, MTU, true), found, "a narrow path answers again and again");
        found = probe(new FakePath(MTU, (_, sequence) -> sequence <= 1 ? 100L * sequence - 1 : -1));
        assertEquals(new PathProbe.Path(100, MTU, false), found, "it answered once, and then nothing at all");
    }
}
