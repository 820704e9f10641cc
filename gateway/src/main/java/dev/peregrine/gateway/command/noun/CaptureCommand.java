package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.control.request.CaptureRequest;
import java.io.IOException;
import java.util.List;
import java.util.Stack;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Captures frames where they come in, leave, or end. */
@Command(
        name = "capture",
        description = {
            "Captures frames, those of the fast path included: capture [--at underlay | port NAME | drops] [--write FILE | -]"
                    + " [FILTER]. Without --write it prints a line for each.",
            TraceCommand.FILTER
        })
public final class CaptureCommand implements Callable<Integer> {
    @Option(
            names = "--at",
            paramLabel = "PLACE",
            parameterConsumer = PlaceWords.class,
            description = "underlay, port NAME, or drops. Default: all of them.")
    private @Nullable Place at;

    @Option(
            names = "--write",
            paramLabel = "FILE",
            description = "Write pcapng, for Wireshark and tcpdump; - is the standard output.")
    private @Nullable String write;

    @Option(names = "--count", paramLabel = "N", description = "Frames at most. Default: 1,000,000.")
    private @Nullable Integer count;

    @Option(names = "--seconds", paramLabel = "S", description = "Seconds at most. Default: 600.")
    private @Nullable Integer seconds;

    @Option(names = "--snaplen", paramLabel = "BYTES", description = "Bytes to keep of each frame. Default: 262,144.")
    private @Nullable Integer snapLength;

    @Parameters(paramLabel = "[FILTER]", hideParamSyntax = true, arity = "0..*", description = "which frames")
    private @Nullable List<String> filter;

    private final Globals globals;

    /** The command with the options that all commands share. */
    public CaptureCommand(Globals globals) {
        this.globals = globals;
    }

    /** The value of {@code --at}. */
    private record Place(String at, @Nullable String port) {}

    /** Takes one word, or two where the first is {@code port}. */
    static final class PlaceWords implements IParameterConsumer {
        @SuppressWarnings("JdkObsolete") // picocli's
        @Override
        public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec command) {
            String at = words.isEmpty() ? "" : words.pop();
            boolean isPort = at.equals("port");
            if (!isPort && !at.equals("underlay") && !at.equals("drops")) {
                throw new ParameterException(
                        command.commandLine(),
                        "--at: found " + (at.isEmpty() ? "nothing" : at) + "; expected underlay, port NAME or drops");
            }
            if (isPort && words.isEmpty()) {
                throw new ParameterException(command.commandLine(), "--at port: found no name; expected port NAME");
            }
            option.setValue(new Place(at, isPort ? words.pop() : null));
        }
    }

    @Override
    public Integer call() throws CommandFailed {
        CaptureRequest request = new CaptureRequest(
                at == null ? null : at.at(),
                at == null ? null : at.port(),
                write != null,
                snapLength,
                count,
                seconds,
                filter);
        if (write == null) return print(request);
        try (CaptureFile file = new CaptureFile(write)) {
            return new Follow(globals, "frames").run("capture", request, file);
        }
    }

    private int print(CaptureRequest request) throws CommandFailed {
        return new Follow(globals, "frames").run("capture", request, line -> {
            for (JsonNode frame : line.path("packets")) {
                globals.out().println(globals.json() ? frame.toString() : text(frame));
            }
            globals.out().flush();
            if (globals.out().checkError()) throw new IOException(Follow.READERS_END);
            return line.path("packets").size();
        });
    }

    private static String text(JsonNode frame) {
        StringBuilder text = new StringBuilder(frame.path("time").asText());
        text.append(' ').append(frame.path("at").asText());
        text.append(' ').append(frame.path("direction").asText());
        if (frame.has("vtep")) text.append(" vtep ").append(frame.path("vtep").asText());
        if (frame.has("vni")) text.append(" vni ").append(frame.path("vni").asInt());
        text.append(": ").append(frame.path("frame").asText());
        text.append(", ").append(frame.path("length").asInt()).append(" bytes");
        if (frame.has("segment")) {
            text.append(", segment ").append(frame.path("segment").asInt());
            text.append(" of ").append(frame.path("segments").asInt());
        }
        if (frame.has("reason")) {
            text.append(": ").append(frame.path("reason").asText());
            text.append(" at ").append(frame.path("stage").asText());
        }
        return text.toString();
    }
}
