package dev.peregrine.dataplane.linux.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.Tap;
import dev.peregrine.dataplane.linux.tun.TapBuilder;
import dev.peregrine.dataplane.testing.Allocation;
import dev.peregrine.dataplane.testing.Loopback;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The packet path's calls allocate nothing once they are compiled. */
@Tag("allocation")
class AllocationTest {
    private static final int CALLS = 5_000;

    private long sum;

    @Test
    void sendingAndReceivingAllocateNothing() throws LinuxException {
        try (Loopback loopback = new Loopback("::1")) {
            loopback.receiver.gro(true);
            loopback.receiver.receiveTos(true);
            loopback.receiver.receiveTtl(true);
            assertEquals(0, Allocation.bytes(CALLS, () -> exchange(loopback)), "bytes in " + CALLS + " exchanges");
        }
    }

    private void exchange(Loopback loopback) {
        loopback.begin(2_000);
        loopback.send.control(0, 0xb8, 64, 1_000);
        loopback.send.begin(1, loopback.destination);
        loopback.send.append(1, loopback.payload.address(), 100);
        sum += loopback.send.send(loopback.sender, 0, 2);
        int received = loopback.receive.receive(loopback.receiver, 0, Loopback.MESSAGES);
        for (int i = 0; i < received; i++) {
            sum += loopback.receive.length(i)
                    + loopback.receive.segmentSize(i)
                    + loopback.receive.tos(i)
                    + loopback.receive.ttl(i)
                    + loopback.receive.sourceHigh(i)
                    + loopback.receive.sourceLow(i)
                    + loopback.receive.sourcePort(i)
                    + (loopback.receive.truncated(i) ? 1 : 0);
        }
    }

    @Test
    @Tag("live")
    void readingAndWritingTapsAllocateNothing() throws LinuxException {
        try (Namespace live = Live.tapNamespace();
                Tap tap = TapBuilder.named("eth0").in(live.netNamespace()).open();
                Arena arena = Arena.ofConfined();
                IoVector vector = new IoVector(3)) {
            long frame = arena.allocate(2_048).address();
            long least = Allocation.bytes(CALLS, () -> {
                vector.clear();
                vector.append(frame, Tap.HEADER_SIZE);
                vector.append(frame + 100, 14);
                vector.append(frame + 200, 46);
                sum += tap.writev(0, vector.address(), vector.size());
                sum += tap.read(0, frame + 1_000, 1_000);
            });
            assertEquals(0, least, "bytes in " + CALLS + " reads and writes");
        }
    }
}
