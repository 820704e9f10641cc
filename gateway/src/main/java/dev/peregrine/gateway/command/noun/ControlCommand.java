package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.table.Columns;
import dev.peregrine.gateway.command.table.ListCommand;
import dev.peregrine.gateway.command.table.View;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.report.ClaimRow;
import dev.peregrine.gateway.control.report.PlaneRow;
import dev.peregrine.gateway.control.request.ClaimFilter;
import dev.peregrine.gateway.control.request.FdbKey;
import dev.peregrine.gateway.control.request.PlaneResync;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Control planes, and what they claim. */
@Command(name = "control", description = "Control planes: how they are, what they claim, what they are told.")
public final class ControlCommand {
    private static final Columns PLANES = Columns.of(PlaneRow.class);
    private static final Columns CLAIMS = Columns.of(ClaimRow.class);
    private static final Duration WITHDRAWAL = Duration.ofSeconds(10);
    private static final long LOOK_NANOS = 50_000_000L;
    private static final String FILTER = "[vni N] [mac M] [vtep IP]";

    private final Globals globals;

    /** The command with the options that all commands share. */
    public ControlCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(name = "list", aliases = "show", description = "The control planes.")
    int list(@Mixin View view) throws CommandFailed {
        return ListCommand.print(
                globals, "control", PLANES, view, globals.client().call("control list"));
    }

    @Command(name = "claims", description = "The claims of planes, with the winners: control claims " + FILTER)
    int claims(
            @Parameters(paramLabel = FILTER, hideParamSyntax = true, description = "which claims") @Nullable
                    List<String> words,
            @Mixin View view)
            throws CommandFailed {
        List<String> left = new ArrayList<>(words == null ? List.of() : words);
        MacAddress mac = takeMac(left);
        Words given = new Words(left).takeKeywords("vni", "vtep");
        ClaimFilter filter = new ClaimFilter(given.vni(), mac, given.vtep());
        return ListCommand.print(
                globals, "claim", CLAIMS, view, globals.client().call("control claims", filter));
    }

    private static @Nullable MacAddress takeMac(List<String> words) throws CommandFailed {
        int at = words.indexOf("mac");
        if (at < 0) return null;
        words.remove(at);
        List<String> value = new ArrayList<>();
        if (at < words.size()) value.add(words.remove(at));
        return new Words(value).takeMac();
    }

    @Command(name = "announced", description = "What each plane is told of this gateway.")
    int announced(@Mixin View view) throws CommandFailed {
        return ListCommand.print(
                globals, "claim", CLAIMS, view, globals.client().call("control announced"));
    }

    @Command(
            name = "resync",
            description = {
                "Reads a plane's whole picture again: control resync NAME [now]",
                "now: removals that wait, since the plane lost most of what it had, are made at once."
            })
    int resync(
            @Parameters(paramLabel = "NAME [now]", hideParamSyntax = true, arity = "1..*", description = "the plane")
                    List<String> words)
            throws CommandFailed {
        Words given = new Words(words);
        String plane = given.takeWord("the name of a plane");
        boolean now = words.size() == 2 && given.takeWord("now").equals("now");
        if (words.size() == 2 && !now) throw Words.usage(words.get(1), "now");
        given.takeEnd();
        globals.client().call("control resync", new PlaneResync(plane, now));
        return globals.changed();
    }

    @Command(
            name = "withdraw",
            description = {
                "Withdraws from all planes what this gateway publishes: its VTEP, its VNIs and its MAC addresses.",
                "Traffic still flows. control publish publishes it again, as does a restart.",
                "Returns when every plane that can be reached holds nothing of this gateway any more. Exit: 1 if one still does"
                        + " after 10 s."
            })
    int withdraw() throws CommandFailed {
        globals.client().call("control withdraw");
        long began = System.nanoTime();
        List<String> holding = holding();
        while (!holding.isEmpty()) {
            if (System.nanoTime() - began > WITHDRAWAL.toNanos()) {
                throw new CommandFailed(
                        Exit.REFUSED,
                        "not withdrawn within " + WITHDRAWAL.toSeconds() + " s from " + String.join(", ", holding)
                                + ": it goes on; control list says why");
            }
            LockSupport.parkNanos(LOOK_NANOS);
            holding = holding();
        }
        return globals.changed();
    }

    /** The planes that can be reached and still hold something of this gateway. */
    private List<String> holding() throws CommandFailed {
        List<String> names = new ArrayList<>();
        for (JsonNode plane : globals.client().call("control list")) {
            String state = plane.path("state").asText();
            boolean isReached = state.equals("live") || state.equals("syncing");
            if (isReached && plane.path("announced").asInt() > 0)
                names.add(plane.path("plane").asText());
        }
        return names;
    }

    @Command(name = "publish", description = "Publishes again what control withdraw withdrew.")
    int publish() throws CommandFailed {
        globals.client().call("control publish");
        return globals.changed();
    }

    @Command(
            name = "unfreeze",
            description = "Releases a MAC address that was frozen as a duplicate: control unfreeze MAC vni N")
    int unfreeze(
            @Parameters(
                            paramLabel = "MAC vni N",
                            hideParamSyntax = true,
                            arity = "1..*",
                            description = "the address and its VNI")
                    List<String> words)
            throws CommandFailed {
        Words given = new Words(words);
        MacAddress mac = given.takeMac();
        globals.client()
                .call(
                        "control unfreeze",
                        new FdbKey(mac, given.takeKeywords("vni").requiredVni()));
        return globals.changed();
    }
}
