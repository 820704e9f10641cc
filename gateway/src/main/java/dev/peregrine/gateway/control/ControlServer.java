package dev.peregrine.gateway.control;

import com.sun.security.auth.module.UnixSystem;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.gateway.config.schema.Causes;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Errors;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway's end of the control socket; the protocol is on the package's page. */
public final class ControlServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ControlServer.class);
    private static final int MAX_LINE_BYTES = 1 << 20;
    private static final int MAX_CONNECTIONS = 32;
    private static final int IDLE_SECONDS = 60;
    private static final int STREAM_END_SECONDS = 3;

    private final Protocol protocol;
    private final Executor executor;
    private final int idleSeconds;
    private final long uid = new UnixSystem().getUid();
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("control-socket", true), EpollIoHandler.newFactory());
    private @Nullable Channel listening;
    private final Set<Connection> connections = new HashSet<>(); // of the event loop

    private ControlServer(List<Noun> nouns, Executor executor, int idleSeconds) {
        this.protocol = new Protocol(nouns);
        this.executor = executor;
        this.idleSeconds = idleSeconds;
    }

    /**
     * Opens the socket, mode 0600, in a folder that is made if missing. The file of a crashed gateway is
     * replaced; that of a living one is an error.
     *
     * @param nouns all commands
     * @param executor runs the commands: the control thread
     */
    public static ControlServer start(Path socket, List<Noun> nouns, Executor executor) throws IOException {
        return start(socket, nouns, executor, IDLE_SECONDS);
    }

    static ControlServer start(Path socket, List<Noun> nouns, Executor executor, int idleSeconds) throws IOException {
        ControlServer server = new ControlServer(nouns, executor, idleSeconds);
        try {
            server.open(socket);
        } catch (IOException failure) {
            server.close();
            throw failure;
        }
        return server;
    }

    private void open(Path socket) throws IOException {
        try {
            SocketFile.prepare(socket, uid);
        } catch (FileSystemException failure) {
            throw unopened(Path.of(failure.getFile()), failure);
        }
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(EpollServerDomainSocketChannel.class)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<EpollDomainSocketChannel>() {
                    @Override
                    protected void initChannel(EpollDomainSocketChannel channel) throws IOException {
                        accept(channel);
                    }
                })
                .bind(new DomainSocketAddress(socket.toString()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw unopened(socket, bound.cause());
        }
        listening = bound.channel();
        SocketFile.makePrivate(socket);
    }

    private static IOException unopened(Path path, Throwable cause) {
        String why = cause instanceof Errors.NativeIoException refused
                ? Errno.name(refused.expectedErr()) + " (" + Errno.text(refused.expectedErr()) + ")"
                : cause instanceof IOException failure ? Causes.text(failure) : cause.toString();
        return new IOException(
                "cannot open the control socket: " + path + ": " + why
                        + ": set control.socket or --socket to a path that" + " this user may make",
                cause);
    }

    private void accept(EpollDomainSocketChannel channel) throws IOException {
        // The file is private, but was not yet in the moment after its making.
        int user = channel.peerCredentials().uid();
        if (user != 0 && user != uid) {
            var _ = channel.close();
            return;
        }
        if (connections.size() == MAX_CONNECTIONS) {
            refuse(channel);
            return;
        }
        Connection connection = new Connection(protocol, executor, idleSeconds, MAX_LINE_BYTES);
        connections.add(connection);
        channel.closeFuture().addListener(closed -> connections.remove(connection));
        channel.pipeline().addLast(new LineBasedFrameDecoder(MAX_LINE_BYTES, true, true), connection);
    }

    private void refuse(Channel channel) {
        channel.writeAndFlush(Connection.withLineEnd(protocol.tooMany(MAX_CONNECTIONS)))
                .addListener(ChannelFutureListener.CLOSE);
    }

    private CompletableFuture<Void> streamEnds() {
        return CompletableFuture.allOf(
                List.copyOf(connections).stream().map(Connection::stopStream).toArray(CompletableFuture<?>[]::new));
    }

    private void stopStreams() {
        try {
            CompletableFuture<Void> ended = new CompletableFuture<>();
            loop.execute(() -> {
                var _ = streamEnds().thenRun(() -> ended.complete(null));
            });
            ended.get(STREAM_END_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.debug("a client is left without the end of its result", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Removes the socket's file, and ends all connections: results that go on end with their last lines, which a client
     * has a few seconds to take.
     */
    @Override
    public void close() {
        // Closing the channel removes the file; the end of its loop alone may not get to it.
        if (listening != null) listening.close().awaitUninterruptibly();
        if (!loop.isShuttingDown()) {
            stopStreams();
            loop.submit(() -> List.copyOf(connections).forEach(Connection::close))
                    .awaitUninterruptibly();
        }
        loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
