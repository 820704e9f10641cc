package dev.peregrine.gateway.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrameTextTest {
    private static String text(byte[] frame) {
        return FrameText.of(ByteBuffer.wrap(frame));
    }

    @Test
    void eachKindOfFrameHasItsWords() {
        assertEquals(
                "198.19.0.1:40000 > 198.19.0.2:80 tcp SA",
                text(FrameBuilder.tcp4().ports(40_000, 80).flags(0x12).build()));
        assertEquals(
                "[fd00::1]:1 > [fd00::2]:2 udp",
                text(FrameBuilder.udp6().ports(1, 2).build()));
        assertEquals(
                "vlan 7 198.19.0.1 > 198.19.0.2 icmp echo request id 7 seq 0",
                text(FrameBuilder.echo4().tag(0x8100, 7).build()).replaceFirst("seq .*", "seq 0"));
        assertEquals("arp who has 10.0.0.2, tell 10.0.0.1", text(FrameBuilder.arp(1, 1, "10.0.0.1", 0, "10.0.0.2")));
        assertEquals(
                "arp 10.0.0.1 is at 02:00:00:00:00:01",
                text(FrameBuilder.arp(2, 0x02_00_00_00_00_01L, "10.0.0.1", 2, "10.0.0.2")));
        assertEquals(
                "02:00:00:00:00:01 > 01:80:c2:00:00:0e ethertype 0x88cc",
                text(FrameBuilder.ethernet(0x01_80_c2_00_00_0eL, 0x02_00_00_00_00_01L, 0x88cc, new byte[46])));
        assertEquals(
                "198.19.0.1 > 198.19.0.2 udp fragment at 1480",
                text(FrameBuilder.ip(17, "198.19.0.1", "198.19.0.2")
                        .fragmentBits(185)
                        .payload(32)
                        .build()));
    }

    @SeededTest
    void anyBytesHaveSomeText() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        for (int i = 0; i < Seed.rounds(10_000); i++) {
            byte[] bytes = random.nextBoolean()
                    ? FrameBuilder.tcp6().build()
                    : FrameBuilder.arp(1, 1, "1.1.1.1", 2, "2.2.2.2");
            byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            if (cut.length > 0) cut[random.nextInt(cut.length)] = (byte) random.nextInt(256);
            assertFalse(text(cut).isEmpty(), seed.toString());
        }
    }
}
