package dev.peregrine.gateway.live.traffic;

import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.testkit.live.KernelVtep;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.util.List;

/**
 * The world of the kernel's {@code vxlan_bridge_1d.sh}, with a gateway in place of its bridge: two local ports, and two
 * remote VTEPs of the kernel's, one of them a router's hop away.
 *
 * <pre>
 *  cA ─ hA[vxlan] ═ uA ═══════ uB ═ hB[gateway] ─ web    ─ cB
 *          │ forwards                           ├ second ─ cD
 *  cC ─ hC[vxlan] ═ uC                          └ silent ─ cE   (VNI 43, which does not learn)
 * </pre>
 *
 * <p>A third VTEP of the flood list is on the network but answers no ARP or ND.
 */
public final class BridgeWorld implements AutoCloseable {
    public static final int UNLEARNING_VNI = 43;
    static final String MAC_C = "02:00:00:00:00:03";
    static final String MAC_D = "02:00:00:00:00:04";
    public static final String INNER6_C = "fd19::3";
    public static final String INNER6_D = "fd19::4";

    private static final int UNRESOLVABLE_HOST = 77;

    public final Lab lab;
    public final Namespace hC;
    public final Namespace cC;
    final Namespace cD;
    public final String vtepC;
    public final GatewayProcess gateway;
    public final PlayedVtep remote;
    public final FrameSocket atA;
    public final FrameSocket atB;
    public final FrameSocket atC;
    public final FrameSocket atD;
    public final FrameSocket atE;
    public final FrameSocket beyondRouter;

    /** @param keys of the underlay's configuration, besides local address, device and port */
    public BridgeWorld(Underlay underlay, int port, String keys) {
        lab = Lab.create(underlay);
        try {
            hC = lab.add("hC");
            cC = lab.add("cC");
            cD = lab.add("cD");
            Namespace cE = lab.add("cE");
            vtepC = addRouted();
            int mtu = underlay.overlayMtu();
            KernelVtep.add(lab.hA(), Lab.VNI, mtu, "uA", lab.vtepA(), lab.vtepB(), port)
                    .attach(lab.cA(), Lab.MAC_A, Lab.INNER_A);
            KernelVtep.add(hC, Lab.VNI, mtu, "uC", vtepC, lab.vtepB(), port).attach(cC, MAC_C, "198.19.0.3");
            gateway = GatewayProcess.start(lab.hB(), config(port, keys, cE));
            enableIpv6(cC, INNER6_C);
            enableIpv6(cD, INNER6_D);
            lab.enableInnerIpv6();
            remote = new PlayedVtep(lab, port);
            atA = FrameSocket.open(lab.cA(), "eth0");
            atB = FrameSocket.open(lab.cB(), "eth0");
            atC = FrameSocket.open(cC, "eth0");
            atD = FrameSocket.open(cD, "eth0");
            atE = FrameSocket.open(cE, "eth0");
            beyondRouter = FrameSocket.open(hC, "uC");
        } catch (Throwable e) {
            lab.close();
            throw e;
        }
    }

    private static void enableIpv6(Namespace container, String address) {
        container.enableIpv6("eth0");
        container.ip("address add " + address + "/64 dev eth0 nodad");
    }

    /** Joins host C to host A, which forwards; returns its VTEP's address. */
    private String addRouted() {
        boolean ipv6 = lab.underlay().ipv6();
        String network = ipv6 ? "fd18:1::" : "198.18.1.";
        int length = lab.underlay().prefixLength();
        String options = ipv6 ? " nodad" : "";
        Namespace hA = lab.hA();
        hA.ip("link add rC mtu %d type veth peer name uC mtu %d netns %s".formatted(Underlay.MTU, Underlay.MTU, hC));
        if (ipv6) {
            hA.enableIpv6("rC");
            hC.enableIpv6("uC");
        }
        hA.ip("address add %s1/%d dev rC%s".formatted(network, length, options));
        hC.ip("address add %s3/%d dev uC%s".formatted(network, length, options));
        hA.ip("link set rC up");
        hC.ip("link set uC up");
        hA.write(ipv6 ? "/proc/sys/net/ipv6/conf/all/forwarding" : "/proc/sys/net/ipv4/ip_forward", "1");
        hC.ip("route add default via " + network + "1");
        lab.hB().ip("route add %s0/%d via %s".formatted(network, length, lab.vtepA()));
        return network + "3";
    }

    private String config(int port, String keys, Namespace silent) {
        String unresolvable = lab.underlay().address(UNRESOLVABLE_HOST);
        return """
                underlay: {local: "%s", device: uB, port: %d%s}
                vnis:
                  - vni: %d
                    ageing: 10s
                    flood: ["%s", "%s", "%s"]
                    ports:
                      - {name: web, type: tap, device: eth0, netns: %s, mac: "%s", addresses: [%s/24]}
                      - {name: second, type: tap, device: eth0, netns: %s, mac: "%s", addresses: [198.19.0.4/24]}
                  - vni: %d
                    learning: false
                    flood: ["%s"]
                    ports:
                      - {name: silent, type: tap, device: eth0, netns: %s}
                """.formatted(
                        lab.vtepB(),
                        port,
                        keys,
                        Lab.VNI,
                        lab.vtepA(),
                        vtepC,
                        unresolvable,
                        lab.cB(),
                        Lab.MAC_B,
                        Lab.INNER_B,
                        cD,
                        MAC_D,
                        UNLEARNING_VNI,
                        lab.vtepA(),
                        silent);
    }

    private List<FrameSocket> sockets() {
        return List.of(atA, atB, atC, atD, atE, beyondRouter);
    }

    public void forget() {
        sockets().forEach(FrameSocket::forget);
        remote.forget();
    }

    @Override
    public void close() {
        try (lab;
                gateway;
                remote) {
            sockets().forEach(FrameSocket::close);
        }
    }
}
