package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.load.InnerEnd;
import dev.peregrine.load.Stamp;
import dev.peregrine.load.VxlanFrames;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.util.Objects;

/**
 * The traffic of a source: UDP over IPv4 in VXLAN, from one remote host to a local port, with right checksums.
 *
 * @param vni of all of it
 * @param flows how many, which differ in port and, beyond 60,000, in address
 * @param payload bytes of each datagram's inner UDP payload, {@value Stamp#LENGTH} at least
 * @param datagrams in a row that one receive delivers together, as {@code UDP_GRO} does; 1 to 64
 */
public record Traffic(int vni, int flows, int payload, int datagrams) {
    private static final int LARGEST_DATAGRAM = 1 << 16;
    private static final int MOST_DATAGRAMS = 64;
    private static final InnerEnd SOURCE = end("02:00:00:00:00:01", "198.19.0.1", 5000);
    private static final InnerEnd DESTINATION = end("02:00:00:00:00:02", "198.19.255.2", 5000);

    /** Checks the ranges. */
    public Traffic {
        if (flows < 1 || payload < Stamp.LENGTH || datagrams < 1 || datagrams > MOST_DATAGRAMS) {
            throw new IllegalArgumentException(flows + " flows, payload " + payload + ", datagrams " + datagrams);
        }
    }

    /** Single datagrams of the first VNI. */
    public static Traffic of(int flows, int payload) {
        return new Traffic(Devices.FIRST_VNI, flows, payload, 1);
    }

    private static InnerEnd end(String mac, String address, int port) {
        return new InnerEnd(
                Objects.requireNonNull(MacAddress.parse(mac)), UdpAddress.of(InetAddress.ofLiteral(address), port));
    }

    /** The writer of its frames. */
    VxlanFrames frames(Arena memory) {
        return new VxlanFrames(vni, SOURCE, DESTINATION, false, Math.min(payload, LARGEST_DATAGRAM), memory);
    }
}
