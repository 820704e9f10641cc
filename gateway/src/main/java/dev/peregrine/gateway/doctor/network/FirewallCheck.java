package dev.peregrine.gateway.doctor.network;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Firewall rules in the way of VXLAN. */
public final class FirewallCheck implements Check {
    @Override
    public String name() {
        return "firewall";
    }

    @Override
    public String about() {
        return "No rule of nftables drops VXLAN datagrams in or out; a rule that is not understood may match. Rules of `iptables-nft` are among them.";
    }

    private static final int MOST_VTEPS = 16;
    private static final int LIMIT_SECONDS = 3;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<InetAddress> local = subject.local();
        if (local.isEmpty()) return Finding.skip("neither a gateway nor a configuration tells the address");
        String output;
        try {
            output = run("nft", "-j", "list", "ruleset");
        } catch (IOException failure) {
            return Finding.skip("rules cannot be read: " + failure.getMessage(), "nft list ruleset, as root");
        }
        FirewallRules rules = new FirewallRules(JSON.readTree(output));
        Map<String, FirewallRules.Drop> in = drops(subject, rules, local.get(), true);
        Map<String, FirewallRules.Drop> out = drops(subject, rules, local.get(), false);
        String legacy = subject.files().line("proc/net/ip_tables_names").orElse("");
        if (in.isEmpty() && out.isEmpty()) {
            return legacy.isEmpty()
                    ? Finding.ok("no rule of nftables drops UDP port " + subject.udpPort())
                    : Finding.skip(
                            "none of nftables; tables of iptables-legacy are not read: " + legacy.replace("\n", ", "),
                            "iptables-legacy -nvL | grep -e DROP -e REJECT");
        }
        return judge(subject.udpPort(), in, out);
    }

    private static Finding judge(int port, Map<String, FirewallRules.Drop> in, Map<String, FirewallRules.Drop> out) {
        boolean certain =
                Stream.concat(in.values().stream(), out.values().stream()).anyMatch(FirewallRules.Drop::isCertain);
        List<String> texts = new ArrayList<>();
        in.values().forEach(drop -> texts.add(text(drop, "in")));
        out.values().forEach(drop -> texts.add(text(drop, "out")));
        FirewallRules.Drop first = Stream.concat(in.values().stream(), out.values().stream())
                .filter(drop -> drop.isCertain() == certain)
                .findFirst()
                .orElseThrow();
        String remedy = "nft insert rule " + first.chain() + " udp dport " + port + " accept";
        String found = "UDP port " + port + " " + Texts.few(texts);
        return certain
                ? Finding.fail(found, remedy)
                : Finding.warn(found, "nft list ruleset; if it matches: " + remedy);
    }

    private static String text(FirewallRules.Drop drop, String direction) {
        return direction + (drop.isCertain() ? ": " : " perhaps: ") + drop.chain() + ", " + drop.text()
                + (drop.packets() < 0 ? "" : " (" + drop.packets() + " packets)");
    }

    /** By chain and text, the certain ones first to stay. */
    private static Map<String, FirewallRules.Drop> drops(
            Subject subject, FirewallRules rules, InetAddress local, boolean isInput) throws LinuxException {
        String device = subject.link().map(Link::name).orElse("");
        Map<String, FirewallRules.Drop> drops = new LinkedHashMap<>();
        subject.vteps().stream()
                .filter(vtep -> Addresses.sameFamily(vtep, local))
                .limit(MOST_VTEPS)
                .flatMap(vtep -> rules
                        .drops(new FilteredPacket(
                                isInput ? vtep : local, isInput ? local : vtep, device, isInput, subject.udpPort()))
                        .stream())
                .forEach(drop ->
                        drops.merge(drop.chain() + drop.text(), drop, (one, other) -> one.isCertain() ? one : other));
        return drops;
    }

    private static String run(String... words) throws IOException {
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        try (InputStream out = process.getInputStream()) {
            String output = new String(out.readAllBytes(), UTF_8);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) throw new IOException("nft does not end");
            if (process.exitValue() != 0) throw new IOException("nft may not (exit " + process.exitValue() + ")");
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
