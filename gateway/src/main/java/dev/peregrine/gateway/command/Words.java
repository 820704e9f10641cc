package dev.peregrine.gateway.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.gateway.config.Addresses;
import dev.peregrine.gateway.config.MacAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/** Words as in {@code bridge fdb}: keywords with their values, turned into request arguments. */
final class Words {
    private static final int MAX_VNI = (1 << 24) - 1;

    private final Queue<String> words;
    private final ObjectNode arguments = Globals.mapper().createObjectNode();

    Words(List<String> words) {
        this.words = new ArrayDeque<>(words);
    }

    /** Takes the leading MAC address. */
    Words mac() throws CommandFailed {
        String word = next("a MAC address");
        MacAddress mac = MacAddress.parse(word);
        if (mac == null || !mac.isUnicast()) throw usage(word, "a unicast MAC address");
        arguments.put("mac", mac.toString());
        return this;
    }

    /** Takes {@code vni N} or {@code port NAME}. */
    Words scope() throws CommandFailed {
        String keyword = next("vni N or port NAME");
        if (!keyword.equals("vni") && !keyword.equals("port")) throw usage(keyword, "vni N or port NAME");
        take(keyword);
        return this;
    }

    /** Takes {@code in} or {@code out}. */
    Words direction() throws CommandFailed {
        String word = next("in or out");
        if (!word.equals("in") && !word.equals("out")) throw usage(word, "in or out");
        arguments.put("direction", word);
        return this;
    }

    /** Takes one word that may be anything. */
    String word(String expected) throws CommandFailed {
        return next(expected);
    }

    /** The arguments, when nothing is left. */
    ObjectNode rest() throws CommandFailed {
        String word = words.poll();
        if (word != null) throw usage(word, "nothing more");
        return arguments;
    }

    /** Takes the rest, in which each keyword of {@code known} may stand once. */
    ObjectNode keywords(String... known) throws CommandFailed {
        Set<String> keywords = Set.of(known);
        while (!words.isEmpty()) {
            String keyword = words.remove();
            if (keyword.equals("dst") && keywords.contains("vtep")) keyword = "vtep"; // as bridge fdb calls it
            if (!keywords.contains(keyword)) throw usage(keyword, "one of " + String.join(", ", known));
            if (arguments.has(keyword)) throw CommandFailed.usage(keyword + " is given twice");
            take(keyword);
        }
        return arguments;
    }

    private void take(String keyword) throws CommandFailed {
        switch (keyword) {
            case "vni" -> arguments.put("vni", vni());
            case "vtep" -> arguments.put("vtep", address());
            case "port" -> arguments.put("port", next("a port"));
            case "src", "dst" -> arguments.put(keyword, next("a MAC address, an IP address or a network"));
            case "proto" -> arguments.put("proto", next("tcp, udp, icmp or arp"));
            case "before" -> arguments.put("before", next("a rule's name"));
            default -> arguments.put(keyword, true);
        }
    }

    private int vni() throws CommandFailed {
        String word = next("a VNI");
        if (!word.matches("[0-9]{1,8}") || Integer.parseInt(word) > MAX_VNI) {
            throw usage(word, "a VNI from 0 to " + MAX_VNI);
        }
        return Integer.parseInt(word);
    }

    private String address() throws CommandFailed {
        String word = next("a VTEP's address");
        if (Addresses.parse(word) == null) throw usage(word, "an IPv4 or IPv6 address");
        return word;
    }

    private String next(String expected) throws CommandFailed {
        String word = words.poll();
        if (word == null) throw usage("nothing", expected);
        return word;
    }

    static CommandFailed usage(String found, String expected) {
        return CommandFailed.usage("found " + found + "; expected " + expected);
    }
}
