package dev.peregrine.bench.wire.lab;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import java.io.IOException;
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
    public static final int VNI = 42;
    /** Of the tunnel's end on host A. */
    public static final String VTEP_A = "198.18.0.1";

    static final String VTEP_B = "198.18.0.2";
    static final String VTEP6_B = "fd18::2";
    static final int VXLAN_PORT = 4789;
    /** Of the applications. */
    public static final int PORT = 9000;

    /** Of the containers, as numbers. */
    public static final long MAC_A = 0x0200_0000_0001L;

    public static final long MAC_B = 0x0200_0000_0002L;
    public static final int INNER_A = 198 << 24 | 19 << 16 | 1;
    public static final int INNER_B = 198 << 24 | 19 << 16 | 2;
    static final String INNER_ADDRESS_A = "198.19.0.1";
    static final String INNER_ADDRESS_B = "198.19.0.2";
    static final String INNER_ADDRESS6_B = "fd19::2";

    private static final double TIMEOUT_SECONDS = 20;

    /** Makes it, after removing an older lab of that name. */
    public void up(boolean kernelOnB) throws IOException {
        List<String> options = new ArrayList<>(List.of("--mode", mode.id()));
        if (kernelOnB) {
            options.add("--kernel");
        }
        script(options, "up");
        addIpv6("hA", "uA", "fd18::1");
        addIpv6("hB", "uB", VTEP6_B);
        addIpv6("cA", "eth0", "fd19::1");
        if (kernelOnB) {
            addIpv6("cB", "eth0", INNER_ADDRESS6_B);
        }
    }

    /** Addresses in addition to IPv4, for pings where this kernel answers none over IPv4. */
    void addIpv6(String host, String device, String address) throws IOException {
        run(host, "ip", "address", "add", address + "/64", "dev", device, "nodad");
    }

    /** Removes it, if it is there. */
    public void down() throws IOException {
        script(List.of(), "down");
    }

    private void script(List<String> options, String verb) throws IOException {
        List<String> words = new ArrayList<>(List.of(root.resolve("scripts/lab").toString(), "--name", name));
        words.addAll(options);
        words.add(verb);
        Command.run(work, TIMEOUT_SECONDS, words);
    }

    /** Of a host: {@code hA}, {@code hB}, {@code cA} or {@code cB}. */
    public NetNamespace namespace(String host) {
        return NetNamespace.of(name + "-" + host);
    }

    /** The words of a command that runs on a host. */
    public List<String> on(String host, String... words) {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", name + "-" + host));
        command.addAll(List.of(words));
        return command;
    }

    /** Runs a command on a host; returns its output. */
    public String run(String host, String... words) throws IOException {
        return Command.run(work, TIMEOUT_SECONDS, on(host, words));
    }
}
