package dev.peregrine.gateway.command;

import dev.peregrine.controlplane.evpn.FrrConfiguration;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.config.schema.Causes;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints a configuration of FRR that suits a gateway; asks no gateway. */
@Command(
        name = "frr",
        description = {
            "Prints /etc/frr/frr.conf for the control plane evpn: control frr --as N --peer ADDRESS… (--local ADDRESS |"
                    + " --config FILE)",
            "The output holds the password, where one is given."
        })
final class FrrCommand implements Callable<Integer> {
    @Option(names = "--as", paramLabel = "N", required = true, description = "The own AS number, 1 to 4294967294.")
    private long as;

    @Option(
            names = "--peer",
            paramLabel = "ADDRESS[=AS]",
            required = true,
            description = "A BGP neighbour: a switch, a route reflector, another gateway. Its AS is the own one unless"
                    + " given. Repeated for each.")
    private List<String> peers = new ArrayList<>();

    @Option(
            names = "--local",
            paramLabel = "ADDRESS",
            description = "The gateway's address on the underlay. Default: underlay.local of the configuration.")
    private @Nullable String local;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "The password of all peers, in the file's first line (TCP MD5 signatures).")
    private @Nullable Path passwordFile;

    @Option(
            names = "--keepalive",
            paramLabel = "S",
            defaultValue = "" + FrrConfiguration.KEEPALIVE_SECONDS,
            description = "Seconds between keepalives. Default: ${DEFAULT-VALUE}.")
    private int keepaliveSeconds;

    @Option(
            names = "--hold",
            paramLabel = "S",
            defaultValue = "" + FrrConfiguration.HOLD_SECONDS,
            description = "Seconds after which a silent peer is down. Default: ${DEFAULT-VALUE}.")
    private int holdSeconds;

    private final Globals globals;

    FrrCommand(Globals globals) {
        this.globals = globals;
    }

    @Override
    public Integer call() throws CommandFailed {
        try {
            String password = password();
            List<FrrConfiguration.Peer> parsed = new ArrayList<>();
            for (String peer : peers) parsed.add(peer(peer, password));
            FrrConfiguration made = new FrrConfiguration(as, local(), parsed, keepaliveSeconds, holdSeconds);
            if (globals.json())
                globals.print(Globals.mapper().createObjectNode().put("text", made.text()));
            else globals.out().print(made.text());
            return Exit.DONE;
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailed(Exit.USAGE, String.valueOf(wrong.getMessage()));
        }
    }

    private FrrConfiguration.Peer peer(String text, @Nullable String password) {
        int equals = text.indexOf('=');
        InetAddress address = address("--peer", equals < 0 ? text : text.substring(0, equals));
        return new FrrConfiguration.Peer(address, equals < 0 ? as : number(text.substring(equals + 1)), password);
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("found " + text + " in --peer; expected an AS number behind =");
        }
    }

    private static InetAddress address(String option, String text) {
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("found " + text + " in " + option + "; expected an IP address");
        }
    }

    private Inet4Address local() throws CommandFailed {
        InetAddress address = local == null ? configured() : address("--local", local);
        if (address instanceof Inet4Address ipv4) return ipv4;
        throw new IllegalArgumentException("the gateway's address is " + AddressText.of(address)
                + "; EVPN through FRR wants IPv4 on the underlay");
    }

    private InetAddress configured() throws CommandFailed {
        Path config = globals.requiredConfig();
        try {
            return ConfigFile.load(config).config().underlay().local();
        } catch (BadConfig bad) {
            throw new CommandFailed(Exit.USAGE, String.valueOf(bad.getMessage()));
        }
    }

    private @Nullable String password() throws CommandFailed {
        if (passwordFile == null) return null;
        try {
            return Files.readString(passwordFile).lines().findFirst().orElse("");
        } catch (IOException failure) {
            throw new CommandFailed(Exit.USAGE, passwordFile + " cannot be read: " + Causes.text(failure));
        }
    }
}
