package dev.peregrine.gateway.command.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.gateway.config.schema.Causes;
import dev.peregrine.gateway.control.Requests;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The command line's end of the control socket: one connection per request. */
public final class ControlClient {
    private static final int MAX_ANSWER_BYTES = 256 << 20;

    private final Path socket;
    private final Duration timeout;

    ControlClient(Path socket, Duration timeout) {
        this.socket = socket;
        this.timeout = timeout;
    }

    /** The path where the gateway is to answer. */
    public Path socket() {
        return socket;
    }

    /** The gateway's result for a command without arguments, such as {@code vni list}. */
    public JsonNode call(String command) throws CommandFailed {
        return call(command, Globals.mapper().createObjectNode());
    }

    /** The gateway's result for a command such as {@code fdb list}. */
    public JsonNode call(String command, Record arguments) throws CommandFailed {
        return call(command, Requests.write(arguments));
    }

    /** The gateway's result for a command that goes on, such as {@code trace}, and the lines that follow it. */
    public ControlStream open(String command, Record arguments) throws CommandFailed {
        ControlStream stream = null;
        try {
            stream = new ControlStream(socket, timeout);
            stream.send(request(command, Requests.write(arguments)));
            stream.result(result(stream.next()));
            return stream;
        } catch (IOException failure) {
            if (stream != null) stream.close();
            throw noGateway(reason(failure));
        } catch (CommandFailed refused) {
            if (stream != null) stream.close();
            throw refused;
        }
    }

    private static byte[] request(String command, JsonNode arguments) throws IOException {
        ObjectNode request = Globals.mapper().createObjectNode();
        for (String word : List.of(command.split(" ", -1)))
            request.withArray("command").add(word);
        request.set("arguments", arguments);
        return Globals.mapper().writeValueAsBytes(request);
    }

    private JsonNode call(String command, JsonNode arguments) throws CommandFailed {
        return result(exchange(command, arguments));
    }

    private static JsonNode result(JsonNode answer) throws CommandFailed {
        if (answer.path("ok").asBoolean()) return answer.path("result");
        String error = answer.path("error").asText("the gateway's answer has no result");
        throw new CommandFailed(answer.path("exit").asInt(Exit.REFUSED), error);
    }

    private JsonNode exchange(String command, JsonNode arguments) throws CommandFailed {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            // A Unix socket has no timeout of its own: closing it at the deadline ends the exchange.
            FutureTask<JsonNode> exchange = new FutureTask<>(() -> exchange(channel, request(command, arguments)));
            Thread.ofPlatform().daemon().name("control-client").start(exchange);
            return exchange.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failure) {
            throw noGateway(reason(Objects.requireNonNull(failure.getCause())));
        } catch (TimeoutException late) {
            throw noGateway("no answer within " + timeout.toMillis() / 1000.0 + " s", others(""));
        } catch (IOException failure) {
            throw noGateway(reason(failure));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw noGateway("interrupted", "");
        }
    }

    private JsonNode exchange(SocketChannel channel, byte[] line) throws IOException {
        if (!Files.exists(socket)) throw new NoSuchFileException(socket.toString());
        channel.connect(UnixDomainSocketAddress.of(socket));
        ByteBuffer out =
                ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n').flip();
        while (out.hasRemaining()) channel.write(out);
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        ByteBuffer in = ByteBuffer.allocate(64 << 10);
        while (answer.size() <= MAX_ANSWER_BYTES) {
            if (channel.read(in.clear()) < 0) throw new EOFException("it hung up");
            answer.write(in.array(), 0, in.position());
            if (in.array()[in.position() - 1] == '\n') return Globals.mapper().readTree(answer.toByteArray());
        }
        throw new IOException("an answer of more than " + MAX_ANSWER_BYTES + " bytes");
    }

    private static String reason(Throwable failure) {
        return failure instanceof IOException io ? Causes.text(io) : failure.toString();
    }

    private CommandFailed noGateway(String reason) {
        return noGateway(reason, others("; start one: peregrine run --config FILE"));
    }

    private CommandFailed noGateway(String reason, String advice) {
        return new CommandFailed(Exit.NO_GATEWAY, "no gateway answers at " + socket + ": " + reason + advice);
    }

    /** Where gateways answer perhaps, as the end of a message; {@code none} without any. */
    private String others(String none) {
        List<String> others = GatewaySockets.others(socket);
        return others.isEmpty() ? none : "; others: " + String.join(", ", others);
    }
}
