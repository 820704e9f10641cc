package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.gateway.live.traffic.PlayedVtep;
import dev.peregrine.gateway.live.traffic.VxlanDatagram;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each bit of the VXLAN header that is neither the I flag nor the VNI, alone, in both modes, and with a mask. */
@Conformance("kernel vxlan_reserved.sh")
class ReservedBitsTest {
    /** Frames with these numbers have a clean header; the others the bit of that number, 0 the first on the wire. */
    private static final int CLEAN = 1_000;

    private static final int CLEAN_FRAMES = 10;
    private static final int WITHOUT_I_FLAG = 2_000;
    private static final int LAST = 3_000;
    private static final int I_FLAG_BIT = 4;
    private static final List<Integer> RESERVED = IntStream.range(0, 64)
            .filter(bit -> bit != I_FLAG_BIT && (bit < 32 || bit >= 56))
            .boxed()
            .toList();

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void reservedBitsAreIgnored(Underlay underlay) {
        List<Integer> expected = new ArrayList<>(RESERVED);
        IntStream.range(0, CLEAN_FRAMES).forEach(i -> expected.add(CLEAN + i));
        assertOutcome(underlay, "ignore", expected, 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void eachReservedBitDropsInStrictMode(Underlay underlay) {
        List<Integer> expected = new ArrayList<>();
        IntStream.range(0, CLEAN_FRAMES).forEach(i -> expected.add(CLEAN + i));
        assertOutcome(underlay, "strict", expected, RESERVED.size() + 1);
    }

    /** Of the bits that the original clears, in its order. */
    @ParameterizedTest
    @ValueSource(ints = {0, 10, 31, 56, 63})
    void theOneBitThatIsNotInTheMaskPasses(int bit) {
        List<Integer> expected = new ArrayList<>(List.of(bit));
        IntStream.range(0, CLEAN_FRAMES).forEach(i -> expected.add(CLEAN + i));
        long mask = 0xf7ff_ffff_0000_00ffL & ~(1L << (63 - bit));
        assertOutcome(Underlay.IPV4_WIRE, "0x%016x".formatted(mask), expected, RESERVED.size());
    }

    private static void assertOutcome(Underlay underlay, String mode, List<Integer> delivered, int dropped) {
        assertEquals(39, RESERVED.size());
        try (Lab lab = Lab.create(underlay);
                var gateway = GatewayProcess.start(
                        lab.hB(), lab.gatewayConfigB().replace("device: uB", "device: uB, reservedBits: " + mode));
                var remote = new PlayedVtep(lab, 4789);
                var container = FrameSocket.open(lab.cB(), "eth0")) {
            Map<String, Long> before = gateway.drops();
            for (int i = 0; i < CLEAN_FRAMES; i++) remote.send(frame(CLEAN + i));
            for (int bit : RESERVED) {
                long flags = VxlanDatagram.CLEAN_FLAGS | 1L << (63 - bit);
                remote.send(lab.vtepA(), 0, flags, Lab.VNI, frame(bit));
            }
            remote.send(lab.vtepA(), 0, 0, Lab.VNI, frame(WITHOUT_I_FLAG));
            remote.send(frame(LAST));
            container.await(numbered(LAST), 1);
            var numbers = new TreeSet<Integer>();
            int frames = 0;
            for (byte[] frame : container.received(frame -> Reference.getShort(frame, 12) == 0x0800)) {
                numbers.add(number(frame));
                frames++;
            }
            numbers.remove(LAST);
            assertEquals(new TreeSet<>(delivered), numbers);
            assertEquals(delivered.size() + 1, frames);
            gateway.awaitDropsSince(before, Map.of("VXLAN_INVALID_HDR", (long) dropped));
        }
    }

    private static byte[] frame(int number) {
        byte[] payload = new byte[20];
        Reference.setInt(payload, 16, number);
        return FrameBuilder.udp4().payload(payload).build();
    }

    private static int number(byte[] frame) {
        return Reference.getInt(frame, frame.length - 4);
    }

    private static Predicate<byte[]> numbered(int number) {
        return frame -> number(frame) == number;
    }
}
