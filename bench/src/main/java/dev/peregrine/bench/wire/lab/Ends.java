package dev.peregrine.bench.wire.lab;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.testing.live.KernelEcho;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Between which two places a contender carries traffic: the containers, or without an overlay the hosts. */
public record Ends(Lab lab, boolean overlay) {
    /** Found out once, so that all of a run are pinged alike. */
    private static final boolean PINGS_OVER_IPV4 = KernelEcho.isAnswered();

    /** Of a contender in its lab. */
    public static Ends of(Lab lab, Contender contender) {
        return new Ends(lab, contender.kind() != Contender.Kind.HOST);
    }

    /** The host whose overlay is always the kernel's. */
    public String client() {
        return overlay ? "cA" : "hA";
    }

    /** The host or container behind the contender. */
    public String server() {
        return overlay ? "cB" : "hB";
    }

    /** The IPv4 address of {@link #client}. */
    public String clientAddress() {
        return overlay ? lab.a().inner() : lab.a().vtep();
    }

    /** The IPv4 address of {@link #server}. */
    public String serverAddress() {
        return overlay ? lab.b().inner() : lab.b().vtep();
    }

    /** Whether pings are over IPv4: this machine's kernel answers them. */
    public static boolean pingsOverIpv4() {
        return PINGS_OVER_IPV4;
    }

    /** The address that {@code ping} pings. */
    public String pingAddress() {
        if (PINGS_OVER_IPV4) {
            return serverAddress();
        }
        return overlay ? lab.b().inner6() : Lab.VTEP6_B;
    }

    /** Where the UDP source sends its datagrams: to the tunnel endpoint, or straight to the application. */
    public UdpAddress datagramsTo() {
        return UdpAddress.of(address(lab.b().vtep()), overlay ? Lab.VXLAN_PORT : Lab.PORT);
    }

    /** Of an address as text. */
    public static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
