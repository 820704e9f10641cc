package dev.peregrine.controlplane.evpn;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an FRR daemon's terminal, as {@code vtysh} has one: a command ends with a zero byte, and its output
 * with three and a status. Nothing here waits. One thread.
 */
final class VtyConnection implements AutoCloseable {
    /** Of one answer; some 5,000 peers. */
    static final int MAX_ANSWER = 16 << 20;

    private static final int END_SIZE = 4;

    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    private ByteArrayOutputStream answer = new ByteArrayOutputStream();

    private VtyConnection(SocketChannel channel) {
        this.channel = channel;
    }

    static VtyConnection open(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.configureBlocking(false);
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new VtyConnection(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Sends a command; the answer to the last one must have come. */
    void send(String command) throws IOException {
        answer = new ByteArrayOutputStream();
        ByteBuffer bytes = ByteBuffer.wrap((command + "\0").getBytes(StandardCharsets.US_ASCII));
        if (channel.write(bytes) == 0 || bytes.hasRemaining()) {
            throw new IOException("it reads no commands");
        }
    }

    /**
     * The whole answer, once it is there; null before.
     *
     * @throws EOFException if the daemon has ended
     */
    @Nullable
    String poll() throws IOException {
        for (int read = channel.read(buffer.clear()); read != 0; read = channel.read(buffer.clear())) {
            if (read < 0) {
                throw new EOFException("it has ended");
            }
            answer.write(buffer.array(), 0, read);
            if (answer.size() > MAX_ANSWER) {
                throw new IOException("its answer has more than " + MAX_ANSWER + " bytes");
            }
            if (endsIn(buffer.flip())) {
                return text(answer.toByteArray());
            }
        }
        return null;
    }

    /** The three zero bytes may have come before the status, in another piece: then they are in {@link #answer}. */
    private boolean endsIn(ByteBuffer piece) {
        ByteBuffer end = piece.remaining() >= END_SIZE ? piece : ByteBuffer.wrap(answer.toByteArray());
        int status = end.limit() - 1;
        return end.limit() >= END_SIZE
                && end.get(status - 1) == 0
                && end.get(status - 2) == 0
                && end.get(status - 3) == 0;
    }

    private static String text(byte[] all) throws IOException {
        int status = all[all.length - 1];
        String text = new String(all, 0, all.length - END_SIZE, StandardCharsets.UTF_8);
        if (status != 0) {
            throw new IOException("it does not take the command: " + text.strip());
        }
        return text;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new AssertionError("the end of a local connection does not fail", e);
        }
    }
}
