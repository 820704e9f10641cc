package dev.peregrine.gateway.doctor.host;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.RunningGateway;
import dev.peregrine.gateway.doctor.check.Subject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Whether a gateway answers, or has left its socket behind. */
public final class GatewayCheck implements Check {
    @Override
    public String name() {
        return "gateway";
    }

    @Override
    public String about() {
        return "The gateway answers at its control socket and carries traffic; no socket of an ended one is left.";
    }

    @Override
    public Finding look(Subject subject) {
        Optional<RunningGateway> gateway = subject.gateway();
        return gateway.isPresent() ? answers(gateway.get()) : silent(subject.socket());
    }

    private static Finding answers(RunningGateway gateway) {
        JsonNode status = gateway.status();
        String pid = gateway.pid().isPresent() ? ", pid " + gateway.pid().getAsLong() : "";
        String state = status.path("state").asText();
        String text = "peregrine " + status.path("version").asText() + pid + ", " + state + ", up for "
                + Duration.ofSeconds(status.path("uptimeSeconds").asLong())
                        .toString()
                        .substring(2)
                        .toLowerCase(Locale.ROOT);
        if (state.equals("ready")) return Finding.ok(text);
        String reason = status.path("underlayReason").asText("");
        return Finding.warn(text + (reason.isEmpty() ? "" : ": " + reason), "see the lines underlay and udp-port");
    }

    private static Finding silent(Path socket) {
        String alone = "the host alone is looked at";
        if (!Files.exists(socket)) return Finding.skip("no gateway at " + socket + ": " + alone);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return Finding.fail(
                    "a gateway holds " + socket + ", but does not answer in time", "jstack PID shows what it does");
        } catch (ConnectException refused) {
            return Finding.warn(
                    socket + " is there, but no gateway: one ended without closing",
                    "rm " + socket + ", or start the gateway, which replaces it");
        } catch (IOException hidden) {
            return Finding.skip(socket + ": " + hidden.getMessage() + ": " + alone, "run doctor as the gateway's user");
        }
    }
}
