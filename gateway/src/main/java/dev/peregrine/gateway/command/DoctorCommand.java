package dev.peregrine.gateway.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.ControlClient;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.GatewaySockets;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.doctor.Doctor;
import dev.peregrine.gateway.doctor.Doctor.Line;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Result;
import dev.peregrine.gateway.doctor.check.RunningGateway;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.placement.SystemFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Looks at the host and at the gateway, and says what is wrong and what to do. */
@Command(
        name = "doctor",
        description = {
            "Looks at the host and at the gateway, if one answers: doctor [--config FILE]. A line for each check: ok, warn,"
                    + " fail or skip, what was found, and what to do. Changes nothing.",
            "It sends ICMP echo requests to the remote VTEPs. Exit: 0 if no check fails, 1 if one does, 2 for a wrong"
                    + " configuration or command line. A warning does not change it."
        })
final class DoctorCommand implements Callable<Integer> {
    private final Globals globals;

    DoctorCommand(Globals globals) {
        this.globals = globals;
    }

    @Override
    public Integer call() throws CommandFailed {
        Path given = globals.givenConfig();
        ControlClient client = globals.client();
        RunningGateway gateway = ask(client);
        ConfigFile file = given == null ? configurationOf(gateway) : load(given);
        Subject subject = new Subject(new SystemFiles(Path.of("/")), client.socket(), file, gateway);
        List<Line> lines = examine(subject, gateway);
        print(lines);
        return count(lines, Result.FAIL) == 0 ? Exit.DONE : Exit.REFUSED;
    }

    private static ConfigFile load(Path path) throws CommandFailed {
        try {
            return ConfigFile.load(path);
        } catch (BadConfig bad) {
            throw new CommandFailed(Exit.USAGE, String.valueOf(bad.getMessage()));
        }
    }

    /** The file that the gateway was started with, if it can be read, and is still right. */
    private @Nullable ConfigFile configurationOf(@Nullable RunningGateway gateway) {
        OptionalLong pid = gateway == null ? OptionalLong.empty() : gateway.pid();
        Path path = pid.isEmpty()
                ? null
                : GatewaySockets.configuration(pid.getAsLong()).orElse(null);
        if (path == null) return null;
        try {
            return ConfigFile.load(path);
        } catch (BadConfig bad) {
            globals.err().println("the configuration of the gateway cannot be read: " + bad.getMessage());
            return null;
        }
    }

    /** Null when none answers: the check of the gateway says why. */
    private static @Nullable RunningGateway ask(ControlClient client) {
        try {
            return new RunningGateway(
                    GatewaySockets.pid(client.socket()),
                    client.call("status"),
                    client.call("vni list"),
                    client.call("port list"),
                    client.call("vtep list"),
                    client.call("drop list"));
        } catch (CommandFailed none) {
            return null;
        }
    }

    /** In the network namespace of the gateway, where all that it uses is. */
    private static List<Line> examine(Subject subject, @Nullable RunningGateway gateway) {
        OptionalLong pid = gateway == null ? OptionalLong.empty() : gateway.pid();
        if (pid.isEmpty()) return Doctor.examine(subject);
        NetNamespace namespace = NetNamespace.of("/proc/" + pid.getAsLong() + "/ns/net");
        try {
            if (namespace.identity().equals(NetNamespace.current().identity())) return Doctor.examine(subject);
            return namespace.call(() -> Doctor.examine(subject));
        } catch (LinuxException e) {
            List<Line> lines = new ArrayList<>(Doctor.examine(subject));
            Finding elsewhere = Finding.warn(
                    "the gateway may run in another network namespace than this, of which the lines below are: "
                            + e.getMessage(),
                    "as root: nsenter -n -t " + pid.getAsLong() + " peregrine doctor");
            lines.addFirst(new Line("namespace", elsewhere));
            return lines;
        }
    }

    private void print(List<Line> lines) {
        ArrayNode rows = Globals.mapper().createArrayNode();
        for (Line line : lines) {
            rows.addObject()
                    .put("check", line.check())
                    .put("result", line.finding().result().word())
                    .put("found", line.finding().found())
                    .put("remedy", line.finding().remedy());
        }
        globals.print(rows, () -> printText(lines));
    }

    private void printText(List<Line> lines) {
        int width = lines.stream().mapToInt(line -> line.check().length()).max().orElse(0);
        for (Line line : lines) {
            Finding finding = line.finding();
            globals.out()
                    .println(String.format(
                            Locale.ROOT,
                            "%-4s  %-" + width + "s  %s",
                            finding.result().word(),
                            line.check(),
                            finding.found()));
            if (!finding.remedy().isEmpty()) {
                globals.out().println(" ".repeat("skip".length() + width + 4) + "→ " + finding.remedy());
            }
        }
        globals.out()
                .println(count(lines, Result.OK) + " ok, " + count(lines, Result.WARN) + " warn, "
                        + count(lines, Result.FAIL) + " fail, " + count(lines, Result.SKIP) + " skip");
    }

    private static long count(List<Line> lines, Result result) {
        return lines.stream().filter(line -> line.finding().result() == result).count();
    }
}
