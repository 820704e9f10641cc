package dev.peregrine.bench.wire.lab;

import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.testkit.live.Side;
import dev.peregrine.testkit.live.Underlay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Two hosts and a container on each, in network namespaces, made by {@code scripts/lab}.
 *
 * <pre>
 *  cA ─veth─ hA[br0 + vxlan 42] ═ uA ──veth, MTU 1600── uB ═ hB[contender] ─ cB
 *  198.19.0.1                  198.18.0.1          198.18.0.2             198.19.0.2
 * </pre>
 *
 * @param name the namespaces are {@code name-hA} and so on
 * @param root the project's folder
 * @param work the folder of temporary files
 */
public record Lab(String name, Mode mode, Path root, Path work) {
    /** Of the overlay. */
    public static final int VNI = dev.peregrine.testkit.live.Lab.VNI;

    /** Of host B, in addition. */
    static final String VTEP6_B = Underlay.IPV6_WIRE.address(2);
    /** The addresses that {@code scripts/lab} gives, too. */
    static final Underlay UNDERLAY = Underlay.IPV4_WIRE;

    static final int VXLAN_PORT = 4789;
    /** Of the applications. */
    public static final int PORT = 9000;

    /** Of the containers, as numbers. */
    public static final long MAC_A = 0x0200_0000_0001L;

    public static final long MAC_B = 0x0200_0000_0002L;
    public static final int INNER_A = 198 << 24 | 19 << 16 | 1;
    public static final int INNER_B = 198 << 24 | 19 << 16 | 2;

    /** Makes it, after removing an older lab of that name. */
    public void up(boolean kernelOnB) {
        List<String> options = new ArrayList<>(List.of("--mode", mode.id()));
        if (kernelOnB) {
            options.add("--kernel");
        }
        script(options, "up");
        addIpv6(a().host(), a().device(), Underlay.IPV6_WIRE.address(1));
        addIpv6(b().host(), b().device(), VTEP6_B);
        addIpv6(a().container(), "eth0", a().inner6());
        if (kernelOnB) {
            addIpv6(b().container(), "eth0", b().inner6());
        }
    }

    /** Addresses in addition to IPv4, for pings where this kernel answers none over IPv4. */
    static void addIpv6(Namespace host, String device, String address) {
        host.ip("address add %s/64 dev %s nodad".formatted(address, device));
    }

    /** Removes it, if it is there. */
    public void down() {
        script(List.of(), "down");
    }

    private void script(List<String> options, String verb) {
        List<String> words = new ArrayList<>(List.of(root.resolve("scripts/lab").toString(), "--name", name));
        words.addAll(options);
        words.add(verb);
        Command.output(words);
    }

    /** A host: {@code hA}, {@code hB}, {@code cA} or {@code cB}. */
    public Namespace on(String host) {
        return Namespace.of(name + "-" + host);
    }

    /** The side whose overlay is always the kernel's. */
    public Side a() {
        return Side.a(UNDERLAY, on("hA"), on("cA"));
    }

    /** The side of the contender. */
    public Side b() {
        return Side.b(UNDERLAY, on("hB"), on("cB"));
    }
}
