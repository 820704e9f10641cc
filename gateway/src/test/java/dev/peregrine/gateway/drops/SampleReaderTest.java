package dev.peregrine.gateway.drops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.packet.DropCounters.Sample;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.port.LocalPorts;
import dev.peregrine.gateway.port.Names;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.VtepTable;
import java.net.InetAddress;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SampleReaderTest {
    private static final long HEADER = 0x0800_0000_0000_2b00L; // VNI 43
    private static final String SOURCE = "02:00:00:00:00:01";

    private final VtepTable vteps = new VtepTable(4789, 16);
    private final IpAddress address = IpAddress.of(InetAddress.ofLiteral("fd00::1"));
    private final int tunnel = Objects.requireNonNull(vteps.configure(address)).port();
    private final Segments segments = segments();
    private final SampleReader reader =
            new SampleReader(segments, vteps, new Names(segments, vteps, new LocalPorts(1)));

    private static Segments segments() {
        try {
            ConfigFile file = ConfigFile.parse("f", "underlay: {local: 198.18.0.2}\nvnis: [{vni: 42}]\n");
            Segments made = new Segments(1);
            made.add(file.config().vnis().getFirst(), 1500);
            return made;
        } catch (BadConfig bad) {
            throw new AssertionError(bad);
        }
    }

    @Test
    void aDatagramOfAnUnknownVniIsReadBehindItsHeader() {
        Sample sample =
                new Sample(-1, tunnel, Packet.NO_PORT, HEADER, 0x0200_0000_0002_0200L, 0x0000_0001_0800_4500L, 0);
        assertEquals(
                new DroppedPacket(43, "fd00::1", null, SOURCE, null),
                reader.read(DropReason.VXLAN_VNI_NOT_FOUND, sample));
    }

    @Test
    void aFrameHasItsMacsInFront() {
        Sample sample = new Sample(0, Packet.NO_PORT, tunnel, 0x0200_0000_0002_0200L, 0x0000_0001_0800_4500L, 0, 0);
        assertEquals(
                new DroppedPacket(42, "fd00::1", null, SOURCE, null), reader.read(DropReason.MTU_EXCEEDED, sample));
    }

    @Test
    void aDatagramToSendHasThemBehindTheHeader() {
        Sample sample =
                new Sample(0, Packet.NO_PORT, tunnel, HEADER, 0x0200_0000_0002_0200L, 0x0000_0001_0800_4500L, 0);
        assertEquals(
                new DroppedPacket(42, "fd00::1", null, SOURCE, null), reader.read(DropReason.UNDERLAY_DOWN, sample));
    }

    @Test
    void aShortDatagramAndARefusalSayLittle() {
        assertEquals(
                new DroppedPacket(null, "fd00::1", null, null, null),
                reader.read(DropReason.VXLAN_TRUNCATED, new Sample(-1, tunnel, Packet.NO_PORT, 0, 0, 0, 0)));
        assertEquals(
                new DroppedPacket(null, "fd00::1", null, null, "EPERM (operation not permitted)"),
                reader.read(DropReason.UNDERLAY_REFUSED, new Sample(-1, Packet.NO_PORT, tunnel, 0, 0, 0, 1)));
        assertEquals(
                DroppedPacket.UNKNOWN,
                reader.read(DropReason.PORT_UNKNOWN, new Sample(-1, Ports.tunnel(9), Packet.NO_PORT, 0, 0, 0, 0)),
                "a VTEP that has been forgotten");
    }

    @Test
    void aStrangerIsNamedThoughItHasNoPort() {
        vteps.port(0, IpAddress.of(InetAddress.ofLiteral("198.18.0.9")).low());
        Sample sample = new Sample(-1, Packet.NO_PORT, Packet.NO_PORT, HEADER, 0, 0, 0);
        assertEquals(
                "198.18.0.9", reader.read(DropReason.VTEP_NOT_ALLOWED, sample).vtep());
    }
}
