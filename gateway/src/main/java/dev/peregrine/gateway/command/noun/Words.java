package dev.peregrine.gateway.command.noun;

import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Direction;
import dev.peregrine.gateway.control.Vni;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Words as in {@code bridge fdb}: some that stand where they must, and keywords with their values. */
final class Words {
    private final Deque<String> words;
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

    /** Takes the leading MAC address if it is all zeros, under which {@code bridge fdb} has flood lists. */
    boolean takeZeroMac() {
        MacAddress mac = words.isEmpty() ? null : MacAddress.parse(words.getFirst());
        if (mac == null || mac.value() != 0) return false;
        words.removeFirst();
        return true;
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
            String keyword = synonym(words.remove(), keywords);
            if (keyword.isEmpty()) continue;
            if (!keywords.contains(keyword)) throw usage(keyword, "one of " + String.join(", ", known));
            if (has(keyword)) throw CommandFailed.usage(keyword + " is given twice");
            values.put(keyword, takeValue(keyword));
        }
        return this;
    }

    /** A word of {@code bridge} and {@code ip} in ours; empty for one that means nothing here. */
    private String synonym(String word, Set<String> keywords) {
        return switch (word) {
            case "dst" -> keywords.contains("vtep") ? "vtep" : word;
            case "dev" -> {
                String value = words.peek();
                boolean isVni = value != null && value.matches("(vni|vxlan)[0-9]+");
                if (isVni) words.addFirst(words.remove().replaceFirst("[a-z]+", ""));
                yield isVni && keywords.contains("vni") ? "vni" : keywords.contains("port") ? "port" : word;
            }
            case "permanent" -> keywords.contains("static") ? "static" : word;
            case "self", "master" -> keywords.contains("vtep") ? "" : word;
            default -> word;
        };
    }

    private Object takeValue(String keyword) throws CommandFailed {
        return switch (keyword) {
            case "vni" -> takeVni();
            case "vtep" -> takeAddress();
            case "lladdr" -> takeMac();
            case "nud" -> takePermanent();
            case "port" -> takeWord("a port");
            case "before" -> takeWord("a rule's name");
            default -> true;
        };
    }

    /** The state of a neighbour in the words of {@code ip}: those that commands make never change. */
    private String takePermanent() throws CommandFailed {
        String word = takeWord("permanent");
        if (!word.equals("permanent")) throw usage(word, "permanent");
        return word;
    }

    private Vni takeVni() throws CommandFailed {
        String word = takeWord("a VNI");
        if (!word.matches("[0-9]{1,8}") || Integer.parseInt(word) > Vni.MAX) {
            throw usage(word, "a VNI from 0 to " + Vni.MAX);
        }
        return new Vni(Integer.parseInt(word));
    }

    /** Takes an IP address, an IPv6 one in brackets or without. */
    InetAddress takeAddress() throws CommandFailed {
        String word = takeWord("an IP address");
        boolean isBracketed = word.startsWith("[") && word.endsWith("]") && word.contains(":");
        InetAddress address = Addresses.parse(isBracketed ? word.substring(1, word.length() - 1) : word);
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

    /** The value of {@code lladdr}, for commands that cannot do without. */
    MacAddress requiredLinkAddress() throws CommandFailed {
        if (!(values.get("lladdr") instanceof MacAddress mac)) throw usage("no lladdr", "lladdr MAC");
        return mac;
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
