package dev.peregrine.gateway.live.traffic;

import static java.util.stream.Collectors.toList;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.testkit.live.Lab;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Remote VTEPs on host A of a lab, played by a test: it writes datagrams to the gateway byte by byte, from any address
 * of the underlay network, and sees those that the gateway sends there.
 */
public final class PlayedVtep implements AutoCloseable {
    private static final int SOURCE_PORT = 50_000;

    private final Lab lab;
    private final int port;
    private final FrameSocket underlay;
    private final long macA;
    private final long macB;

    /** @param port the UDP port of the gateway, and of all remote VTEPs */
    public PlayedVtep(Lab lab, int port) {
        this.lab = lab;
        this.port = port;
        macA = mac(lab.hA(), "uA");
        macB = mac(lab.hB(), "uB");
        underlay = FrameSocket.open(lab.hA(), "uA");
    }

    public static long mac(Namespace namespace, String device) {
        String text =
                namespace.output("cat", "/sys/class/net/" + device + "/address").strip();
        return Long.parseLong(text.replace(":", ""), 16);
    }

    /**
     * Has host B find the addresses of the hosts {@code first} to {@code last} here, though nobody answers for them.
     */
    public void claim(int first, int last) {
        String mac = lab.hA().output("cat", "/sys/class/net/uA/address").strip();
        for (int host = first; host <= last; host++)
            lab.hB()
                    .ip("neigh replace %s lladdr %s dev uB nud permanent"
                            .formatted(lab.underlay().address(host), mac));
    }

    /** From host A's own VTEP address, with a clean header. */
    public void send(byte[] inner) {
        send(lab.vtepA(), 0, VxlanDatagram.CLEAN_FLAGS, Lab.VNI, inner);
    }

    /**
     * Sends a datagram.
     *
     * @param from its outer source address
     * @param flags its VXLAN header without the VNI
     */
    public void send(String from, int tos, long flags, int vni, byte[] inner) {
        FrameBuilder outer = VxlanDatagram.outer(from, lab.vtepB())
                .macs(macB, macA)
                .ports(SOURCE_PORT, port)
                .tos(tos)
                .payload(VxlanDatagram.payload(flags, vni, inner));
        underlay.send(outer.build());
    }

    /** The datagrams so far whose inner frame fits. */
    public List<VxlanDatagram> received(Predicate<byte[]> inner) {
        return datagrams(underlay.received(carries(inner)));
    }

    /** Waits for datagrams whose inner frame fits; returns all such. */
    public List<VxlanDatagram> await(Predicate<byte[]> inner, int count) {
        return datagrams(underlay.await(carries(inner), count));
    }

    private Predicate<byte[]> carries(Predicate<byte[]> inner) {
        return frame -> VxlanDatagram.of(frame, port)
                .filter(datagram -> inner.test(datagram.inner()))
                .isPresent();
    }

    private List<VxlanDatagram> datagrams(List<byte[]> frames) {
        return frames.stream()
                .map(frame -> VxlanDatagram.of(frame, port))
                .map(Optional::orElseThrow)
                .collect(toList());
    }

    public void forget() {
        underlay.forget();
    }

    @Override
    public void close() {
        underlay.close();
    }
}
