package dev.peregrine.gateway.command.noun;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Direction;
import dev.peregrine.gateway.control.Vni;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Words as in {@code bridge fdb}: some that stand where they must, and keywords with their values. */
final class Words {
    private final Queue<String> words;
    private final Map<String, Object> values = new HashMap<>();

    /** @param words null for none */
    Words(@Nullable List<String> words) {
        this.words = new ArrayDeque<>(words == null ? List.of() : words);
    }

    /** Takes the leading MAC address. */
    MacAddress takeMac() throws CommandFailed {
        String word = takeWord("a MAC address");
        MacAddress mac = MacAddress.parse(word);
        if (mac == null || !mac.isUnicast()) throw usage(word, "a unicast MAC address");
        return mac;
    }

    /** Takes the leading address of a VTEP. */
    InetAddress takeVtep() throws CommandFailed {
        return takeAddress();
    }

    /** Takes {@code vni N} or {@code port NAME}. */
    Words takeScope() throws CommandFailed {
        String keyword = takeWord("vni N or port NAME");
        if (!keyword.equals("vni") && !keyword.equals("port")) throw usage(keyword, "vni N or port NAME");
        values.put(keyword, takeValue(keyword));
        return this;
    }

    /** Takes {@code in} or {@code out}. */
    Direction takeDirection() throws CommandFailed {
        String word = takeWord("in or out");
        Direction direction = Direction.parse(word);
        if (direction == null) throw usage(word, "in or out");
        return direction;
    }

    /** Takes one word that may be anything. */
    String takeWord(String expected) throws CommandFailed {
        String word = words.poll();
        if (word == null) throw usage("nothing", expected);
        return word;
    }

    /** Takes nothing: that nothing is left. */
    void takeEnd() throws CommandFailed {
        String word = words.poll();
        if (word != null) throw usage(word, "nothing more");
    }

    /** Takes the rest, in which each keyword of {@code known} may stand once. */
    Words takeKeywords(String... known) throws CommandFailed {
        Set<String> keywords = Set.of(known);
        while (!words.isEmpty()) {
            String keyword = words.remove();
            if (keyword.equals("dst") && keywords.contains("vtep")) keyword = "vtep"; // as bridge fdb calls it
            if (!keywords.contains(keyword)) throw usage(keyword, "one of " + String.join(", ", known));
            if (has(keyword)) throw CommandFailed.usage(keyword + " is given twice");
            values.put(keyword, takeValue(keyword));
        }
        return this;
    }

    private Object takeValue(String keyword) throws CommandFailed {
        return switch (keyword) {
            case "vni" -> takeVni();
            case "vtep" -> takeAddress();
            case "port" -> takeWord("a port");
            case "src", "dst" -> takeWord("a MAC address, an IP address or a network");
            case "proto" -> takeWord("tcp, udp, icmp or arp");
            case "before" -> takeWord("a rule's name");
            default -> true;
        };
    }

    private Vni takeVni() throws CommandFailed {
        String word = takeWord("a VNI");
        if (!word.matches("[0-9]{1,8}") || Integer.parseInt(word) > Vni.MAX) {
            throw usage(word, "a VNI from 0 to " + Vni.MAX);
        }
        return new Vni(Integer.parseInt(word));
    }

    private InetAddress takeAddress() throws CommandFailed {
        String word = takeWord("a VTEP's address");
        InetAddress address = Addresses.parse(word);
        if (address == null) throw usage(word, "an IPv4 or IPv6 address");
        return address;
    }

    /** Whether a keyword was taken. */
    boolean has(String keyword) {
        return values.containsKey(keyword);
    }

    /** The value of {@code vni}; null if it was not taken. */
    @Nullable
    Vni vni() {
        return (Vni) values.get("vni");
    }

    /** The value of {@code vni}, for commands that cannot do without. */
    Vni requiredVni() throws CommandFailed {
        Vni vni = vni();
        if (vni == null) throw usage("no vni", "vni N");
        return vni;
    }

    /** The value of {@code vtep}; null if it was not taken. */
    @Nullable
    InetAddress vtep() {
        return (InetAddress) values.get("vtep");
    }

    /** The value of any other keyword that has one; null if it was not taken. */
    @Nullable
    String text(String keyword) {
        return (String) values.get(keyword);
    }

    static CommandFailed usage(String found, String expected) {
        return CommandFailed.usage("found " + found + "; expected " + expected);
    }
}
