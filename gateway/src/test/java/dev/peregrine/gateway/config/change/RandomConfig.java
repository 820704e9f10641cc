package dev.peregrine.gateway.config.change;

import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntFunction;

/** Files that are right, of a few VNIs, ports, VTEPs and MAC addresses, so that two of them have much in common. */
public final class RandomConfig {
    /** The entry whose MAC address a port may have as its own. */
    private static final int OWNED = 3;

    private final Random random;
    private final boolean restarts;
    private final boolean devices;

    /** @param restarts whether keys that take a restart differ, too */
    RandomConfig(Random random, boolean restarts) {
        this(random, restarts, true);
    }

    private RandomConfig(Random random, boolean restarts, boolean devices) {
        this.random = random;
        this.restarts = restarts;
        this.devices = devices;
    }

    /** All of whose ports are socket ports, for gateways that make no devices, and whose keys can be reloaded. */
    public static RandomConfig ofSockets(Random random) {
        return new RandomConfig(random, false, false);
    }

    /** Another configuration. */
    public GatewayConfig next() {
        String text = text();
        try {
            return ConfigFile.parse("random", text).config();
        } catch (BadConfig bad) {
            throw new AssertionError(bad.getMessage() + "\n" + text, bad);
        }
    }

    private String text() {
        List<String> names = some(6, i -> "p" + i);
        StringBuilder text = new StringBuilder("underlay: {local: 10.0.0.100");
        text.append(maybe(", ttl: " + (60 + random.nextInt(3))));
        text.append(maybe(", dscp: " + random.nextInt(3)));
        text.append(maybe(", allow: [10.0.0.0/24, 10.1.0.0/16]"));
        text.append(", vteps: ").append(some(3, RandomConfig::vtep));
        text.append(restarts ? maybe(", port: 4790") : "").append("}\n");
        text.append(restarts ? maybe("workers: {nice: -5}\n") : "");
        text.append(maybe("schedule: {mode: queued, loadThreshold: 70}\n"));
        text.append(maybe("fastpath: {enabled: false, shadow: 7"
                + (restarts ? ", capacity: 128, kernel: auto, helper: off" : "") + "}\n"));
        text.append("addressSets: [{name: s, addresses: [10.")
                .append(random.nextInt(2))
                .append(".0.0/16]}]\n");
        List<String> vnis = some(4, String::valueOf);
        text.append(vnis.isEmpty() ? "" : "vnis:\n");
        for (String vni : vnis) {
            vni(vni, names, text);
        }
        return text.toString();
    }

    private void vni(String vni, List<String> names, StringBuilder text) {
        boolean suppresses = random.nextBoolean();
        text.append("  - vni: ").append(vni).append('\n');
        text.append(maybe("    ageing: " + (60 + random.nextInt(2)) + "s\n"));
        text.append(maybe("    fdbLimit: " + (100 + random.nextInt(2)) + "\n"));
        text.append(maybe("    mtu: " + (1300 + random.nextInt(2)) + "\n"));
        text.append(maybe("    mssClamp: true\n"))
                .append(maybe("    learning: false\n"))
                .append(maybe("    unknownUnicast: drop\n"));
        text.append("    suppressNeighbours: ").append(suppresses).append('\n');
        text.append(maybe("    policy: {in: {default: deny, rules: [{name: a, action: allow, protocol: arp}]}}\n"));
        text.append("    flood: ").append(some(4, RandomConfig::vtep)).append('\n');
        if (suppresses) {
            text.append("    neighbours: ")
                    .append(some(
                            3,
                            i -> "{address: 192.168.0." + i + ", mac: \"02:00:00:00:01:0" + random.nextInt(2) + "\"}"))
                    .append('\n');
        }
        List<String> ports = new ArrayList<>();
        List<String> itsNames = new ArrayList<>();
        boolean hasOwner = random.nextBoolean();
        while (!names.isEmpty() && random.nextInt(3) > 0) {
            String name = names.removeLast();
            itsNames.add(name);
            boolean isOwner = hasOwner && itsNames.size() == 1;
            ports.add(port(name, isOwner ? ", mac: \"" + mac(OWNED) + '"' : ""));
        }
        text.append("    ports: ").append(ports).append('\n');
        text.append("    fdb: ")
                .append(some(4, i -> entry(i, hasOwner, itsNames)))
                .append('\n');
    }

    private String port(String name, String mac) {
        String policy = maybe(
                ", policy: {replies: on, out: {default: deny, rules: [{name: x, action: allow, source: [\"set:s\"]}]}}");
        int type = devices ? random.nextInt(mac.isEmpty() ? 3 : 2) : 0;
        return switch (type) {
            case 2 -> "{name: " + name + ", type: interface, device: d" + name + policy + "}";
            case 0 ->
                "{name: " + name + ", type: socket, listen: \"192.168.1." + name.substring(1)
                        + ":9\", deliver: \"udp:127.0.0.1:90" + name.substring(1) + '"' + mac + policy + "}";
            default ->
                "{name: " + name + ", type: tap, device: d" + name + ", queues: " + (1 + random.nextInt(2)) + mac
                        + policy + "}";
        };
    }

    /** The first port may have one of the addresses as its own, which nobody else may have then. */
    private String entry(int number, boolean hasOwner, List<String> ports) {
        if (number == OWNED && hasOwner && !ports.isEmpty()) {
            return "{mac: \"" + mac(number) + "\", port: " + ports.getFirst() + "}";
        }
        String to = ports.isEmpty() || random.nextBoolean()
                ? "vtep: " + vtep(random.nextInt(3))
                : "port: " + ports.get(random.nextInt(ports.size()));
        return "{mac: \"" + mac(number) + "\", " + to + "}";
    }

    private static String mac(int number) {
        return String.format(Locale.ROOT, "02:00:00:00:00:%02x", number);
    }

    private static String vtep(int number) {
        return "10.0.0." + (number + 1);
    }

    private String maybe(String text) {
        return random.nextInt(3) == 0 ? text : "";
    }

    /** Some of the things below a number, in any order. */
    private List<String> some(int bound, IntFunction<String> thing) {
        List<String> things = new ArrayList<>();
        for (int i = 0; i < bound; i++) {
            if (random.nextBoolean()) {
                things.add(thing.apply(i));
            }
        }
        Collections.shuffle(things, random);
        return things;
    }
}
