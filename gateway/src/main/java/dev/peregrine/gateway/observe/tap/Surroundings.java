package dev.peregrine.gateway.observe.tap;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.overlay.Wiring;
import dev.peregrine.vxlan.Vtep;
import dev.peregrine.vxlan.VxlanHeader;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The tables by which taps know a packet's VNI.
 *
 * @param vtep names the segments
 * @param ports asked whenever a graph is joined
 */
public record Surroundings(Vtep vtep, Supplier<List<Port>> ports) {
    /** No VNI. */
    public static final int NONE = -1;

    private static final long I_FLAG = 0x0800_0000_0000_0000L;

    /** The port whose endpoint has a name in the graph; null for none. */
    public @Nullable Port behind(String terminal) {
        for (Port port : ports.get()) {
            if (Wiring.endpoint(port).equals(terminal)) {
                return port;
            }
        }
        return null;
    }

    /** The VNI of a segment. */
    public int vniOf(int segment) {
        return vtep.segments().contains(segment) ? vtep.segments().vni(segment) : NONE;
    }

    /** The VNI in the tunnel header that a packet begins with. */
    public static int vniInFront(Packet packet) {
        return packet.headLength() >= VxlanHeader.LENGTH && (packet.getLong(0) & I_FLAG) != 0
                ? packet.getInt(Integer.BYTES) >>> Byte.SIZE
                : NONE;
    }
}
