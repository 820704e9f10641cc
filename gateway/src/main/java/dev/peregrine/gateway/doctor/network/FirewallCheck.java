package dev.peregrine.gateway.doctor.network;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import dev.peregrine.gateway.doctor.probe.FilteredPacket;
import dev.peregrine.gateway.doctor.probe.FirewallRules;
import dev.peregrine.gateway.doctor.probe.LegacyRules;
import dev.peregrine.gateway.doctor.probe.Program;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Firewall rules in the way of VXLAN. */
public final class FirewallCheck implements Check {
    private static final String NFTABLES = "nftables";

    @Override
    public String name() {
        return "firewall";
    }

    @Override
    public String about() {
        return "No rule of nftables, nor of `iptables-legacy`, drops VXLAN datagrams in or out; a rule that is not understood may match. Rules of `iptables-nft` are among those of nftables.";
    }

    private static final int MOST_VTEPS = 16;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Rules of one kind, and how one is put in front of a chain's. */
    private record Source(String name, FirewallRules rules) {
        String remedy(String chain, int port) {
            if (name.equals(NFTABLES)) return "nft insert rule " + chain + " udp dport " + port + " accept";
            List<String> words = List.of(chain.split(" ")); // family, table, chain
            return name + " -t " + words.get(1) + " -I " + words.get(2) + " -p udp --dport " + port + " -j ACCEPT";
        }
    }

    /** A rule in the way. */
    private record Obstacle(Source source, FirewallRules.Drop drop, String direction) {
        String text() {
            String of = source.name().equals(NFTABLES) ? "" : source.name() + " ";
            return direction + (drop.isCertain() ? ": " : " perhaps: ") + of + drop.chain() + ", " + drop.text()
                    + (drop.packets() < 0 ? "" : " (" + drop.packets() + " packets)");
        }
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<InetAddress> local = subject.local();
        if (local.isEmpty()) return Finding.skip("neither a gateway nor a configuration tells the address");
        List<Source> sources = new ArrayList<>();
        List<String> unread = new ArrayList<>();
        try {
            sources.add(new Source(
                    NFTABLES, new FirewallRules(JSON.readTree(Program.output("nft", "-j", "list", "ruleset")))));
        } catch (IOException failure) {
            unread.add("rules of nftables cannot be read: " + failure.getMessage());
        }
        String family = local.get() instanceof Inet6Address ? "ip6" : "ip";
        String legacy = family + "tables-legacy";
        Optional<String> tables = subject.files().line("proc/net/" + family + "_tables_names");
        if (tables.filter(names -> !names.isBlank()).isPresent()) {
            try {
                String saved = Program.output(legacy + "-save", "-c");
                sources.add(new Source(legacy, new FirewallRules(LegacyRules.asRuleset(saved, family))));
            } catch (IOException failure) {
                unread.add("rules of " + legacy + " cannot be read: " + failure.getMessage());
            }
        }
        List<Obstacle> obstacles = new ArrayList<>();
        for (Source source : sources) {
            obstacles(subject, source, local.get(), true, obstacles);
            obstacles(subject, source, local.get(), false, obstacles);
        }
        if (!obstacles.isEmpty()) return judge(subject.udpPort(), obstacles);
        return unread.isEmpty()
                ? Finding.ok("no rule of "
                        + String.join(" or ", sources.stream().map(Source::name).toList()) + " drops UDP port "
                        + subject.udpPort())
                : Finding.skip(String.join("; ", unread), "nft list ruleset, and " + legacy + " -nvL, as root");
    }

    private static Finding judge(int port, List<Obstacle> obstacles) {
        Obstacle first = obstacles.stream()
                .filter(obstacle -> obstacle.drop().isCertain())
                .findFirst()
                .orElse(obstacles.getFirst());
        String remedy = first.source().remedy(first.drop().chain(), port);
        String found = "UDP port " + port + " "
                + Texts.few(obstacles.stream().map(Obstacle::text).toList());
        String look = first.source().name().equals(NFTABLES)
                ? "nft list ruleset"
                : first.source().name() + "-save";
        return first.drop().isCertain()
                ? Finding.fail(found, remedy)
                : Finding.warn(found, look + "; if it matches: " + remedy);
    }

    /** By chain and text, the certain ones first to stay. */
    private static void obstacles(
            Subject subject, Source source, InetAddress local, boolean isInput, List<Obstacle> into)
            throws LinuxException {
        String device = subject.link().map(Link::name).orElse("");
        Map<String, FirewallRules.Drop> drops = new LinkedHashMap<>();
        subject.vteps().stream()
                .filter(vtep -> Addresses.sameFamily(vtep, local))
                .limit(MOST_VTEPS)
                .flatMap(vtep -> source
                        .rules()
                        .drops(new FilteredPacket(
                                isInput ? vtep : local, isInput ? local : vtep, device, isInput, subject.udpPort()))
                        .stream())
                .forEach(drop ->
                        drops.merge(drop.chain() + drop.text(), drop, (one, other) -> one.isCertain() ? one : other));
        drops.values().forEach(drop -> into.add(new Obstacle(source, drop, isInput ? "in" : "out")));
    }
}
