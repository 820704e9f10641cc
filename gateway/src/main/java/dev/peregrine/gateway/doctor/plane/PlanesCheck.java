package dev.peregrine.gateway.doctor.plane;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** How a running gateway gets on with its control planes, and whether their last pictures can be kept. */
public final class PlanesCheck implements Check {
    private static final String LIST = "peregrine control list; the line plane-access";

    @Override
    public String name() {
        return "planes";
    }

    @Override
    public String about() {
        return "The gateway follows each control plane (`live`), believes what it says, and publishes itself there. The folder"
                + " of `control.cache` is there and writable, so that a start without the plane has its last picture.";
    }

    @Override
    public Finding look(Subject subject) {
        Verdict verdict = new Verdict();
        boolean isConfigured = subject.config()
                .filter(config -> !config.control().planes().planes().isEmpty())
                .isPresent();
        if (isConfigured) {
            Optional<Path> cache =
                    subject.config().flatMap(config -> config.control().planes().cache());
            cache.ifPresent(folder -> cache(folder, verdict));
        }
        JsonNode planes = subject.gateway().isPresent()
                ? subject.gateway().get().status().path("planes")
                : MissingNode.getInstance();
        if (planes.isEmpty() && !isConfigured) return Finding.skip("there are no control planes");
        planes.forEach(plane -> state(plane, verdict));
        return verdict.finding();
    }

    private static void cache(Path folder, Verdict verdict) {
        if (Files.isDirectory(folder) && Files.isWritable(folder)) {
            verdict.well("cache", folder + " is writable");
        } else {
            verdict.warned(
                    "cache",
                    folder + " is not there or not writable: no last picture is kept",
                    "mkdir -p " + folder + ", writable for the gateway's user, or control.cache: off");
        }
    }

    private static void state(JsonNode plane, Verdict verdict) {
        String name = plane.path("plane").asText();
        String state = plane.path("state").asText();
        String why = plane.path("lastError").asText("");
        String text = state + " for " + plane.path("sinceSeconds").asText() + " s, "
                + plane.path("claims").asText() + " claims, "
                + plane.path("announced").asText() + " announced"
                + (why.isEmpty() ? "" : ": " + why);
        switch (state) {
            case "live" -> {
                if (why.isEmpty()) verdict.well(name, text);
                else verdict.warned(name, text, LIST);
            }
            case "refused" -> verdict.failed(name, text, LIST);
            default -> verdict.warned(name, text, LIST);
        }
    }
}
