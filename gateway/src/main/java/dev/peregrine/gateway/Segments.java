package dev.peregrine.gateway;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.gateway.config.BadConfig;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.GatewayConfig;
import dev.peregrine.gateway.config.PortConfig;
import dev.peregrine.gateway.config.VniConfig;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.SegmentTable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The configured VNIs in the file's order: a segment's index is its place. */
final class Segments {
    /** The longest inner packet that fits a UDP datagram with its Ethernet and VXLAN headers, over IPv4. */
    private static final int LARGEST_MTU = 65_507 - 8 - 14;

    private final List<VniConfig> vnis;
    private final List<Segment> segments;

    private Segments(List<VniConfig> vnis, List<Segment> segments) {
        this.vnis = vnis;
        this.segments = segments;
    }

    /**
     * Gives every VNI its MTU, from the underlay's where the file has none.
     *
     * @throws BadConfig when an MTU does not fit the underlay's
     */
    static Segments of(ConfigFile file) throws BadConfig, IOException {
        GatewayConfig config = file.config();
        int underlayMtu = underlayMtu(config);
        int largest = Math.min(underlayMtu - config.underlay().overheadBytes(), LARGEST_MTU);
        List<Segment> segments = new ArrayList<>();
        for (VniConfig vni : config.vnis()) {
            int mtu = vni.mtu().orElse(largest);
            if (mtu > largest) {
                throw new BadConfig(List.of(file.error(
                        vni,
                        "mtu",
                        String.valueOf(mtu),
                        "at most " + largest + ", what an underlay with an MTU of " + underlayMtu + " carries")));
            }
            segments.add(new Segment(segments.size(), vni.vni(), mtu, false));
        }
        return new Segments(config.vnis(), segments);
    }

    private static int underlayMtu(GatewayConfig config) throws IOException {
        InetAddress local = config.underlay().local();
        NetworkInterface device = config.underlay().device().isPresent()
                ? NetworkInterface.getByName(config.underlay().device().get())
                : local.isLoopbackAddress() // no interface lists 127.0.0.2, though one has it
                        ? NetworkInterface.getByName("lo")
                        : NetworkInterface.getByInetAddress(local);
        if (device == null) {
            throw new IOException(config.underlay()
                    .device()
                    .map(name -> "there is no interface " + name + " here (underlay.device)")
                    .orElse("no interface here has the address " + local.getHostAddress()
                            + " (underlay.local): give it to one, or run in the namespace that has it"));
        }
        return device.getMTU();
    }

    int size() {
        return segments.size();
    }

    List<Segment> all() {
        return segments;
    }

    Segment get(int index) {
        return segments.get(index);
    }

    VniConfig config(int index) {
        return vnis.get(index);
    }

    /** The index of a VNI, or empty. */
    OptionalInt indexOf(int vni) {
        for (Segment segment : segments) {
            if (segment.vni() == vni) {
                return OptionalInt.of(segment.index());
            }
        }
        return OptionalInt.empty();
    }

    SegmentTable table() {
        return SegmentTable.of(segments);
    }

    /** Ethernet frames up to this length fit every segment. */
    int frameLengthForAll() {
        return 14 + segments.stream().mapToInt(Segment::mtu).min().orElse(LARGEST_MTU);
    }

    /** The number of a port in the file's order, or {@link Packet#NO_PORT}. */
    int portNumber(String name) {
        int number = 0;
        for (VniConfig vni : vnis) {
            for (PortConfig port : vni.ports()) {
                if (port.name().equals(name)) {
                    return number;
                }
                number++;
            }
        }
        return Packet.NO_PORT;
    }
}
